import { generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

// The parts of DER (X.690) and of certificates (RFC 5280 §4.1) that a self-signed certificate needs. No key is stored in
// the repository, and none can expire.

function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...contents: readonly Uint8Array[]) => element(0x30, ...contents)
const objectId = (hex: string) => element(0x06, Buffer.from(hex, 'hex'))
const time = (date: Date) => element(0x18, Buffer.from(date.toISOString().replace(/\D/g, '').slice(0, 14).concat('Z')))

const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'))
const DAY = 86_400_000

/** A key and a self-signed certificate for it, in PEM. */
export function selfSigned(commonName: string): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(element(0x31, sequence(objectId('550403'), element(0x0c, Buffer.from(commonName)))))
  const validity = sequence(time(new Date(Date.now() - DAY)), time(new Date(Date.now() + DAY)))
  const body = sequence(
    element(0x02, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = element(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  const certificate = sequence(body, ECDSA_WITH_SHA256, signature).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  }
}

/** An https server on loopback with an untrusted certificate; it counts the requests that still reach it. */
export async function createUntrustedServer() {
  let requests = 0
  const server = createServer(selfSigned('127.0.0.1'), (_request, response) => {
    requests++
    response.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
