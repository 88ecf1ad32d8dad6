import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { createClientCertificate } from 'bearward/testing'
import { describe, expect, it } from 'vitest'

describe('createClientCertificate', () => {
  it('creates a self-signed certificate that is valid now', async () => {
    const created = await createClientCertificate('alice')
    const certificate = new X509Certificate(created.cert)
    expect(certificate.subject).toBe('CN=alice')
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now())
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now())
    expect(certificate.raw.equals(created.der)).toBe(true)
  })

  it('has the thumbprint of RFC 8705 §3.1 and the header of RFC 9440 §2.2', async () => {
    const { der, confirmation, field: header } = await createClientCertificate()
    expect(confirmation['x5t#S256']).toBe(createHash('sha256').update(der).digest('base64url'))
    expect(header).toBe(`:${Buffer.from(der).toString('base64')}:`)
  })

  // Signatures are random: some begin with zeros or a high bit, which DER encodes differently.
  it('creates valid ones repeatedly', async () => {
    for (let count = 0; count < 300; count++) {
      const certificate = new X509Certificate((await createClientCertificate()).cert)
      expect(certificate.verify(certificate.publicKey)).toBe(true)
    }
  })

  it('works as the certificate of a TLS client and of a TLS server', async () => {
    const [server, client] = [await createClientCertificate('127.0.0.1'), await createClientCertificate('alice')]
    const seen = new Promise<string | undefined>((resolve) => {
      const options = { ...pem(server), requestCert: true, rejectUnauthorized: false }
      const listener = createServer(options, (socket) => {
        resolve(socket.getPeerX509Certificate()?.subject)
        socket.destroy()
        listener.close()
      }).listen(0, '127.0.0.1', () => {
        const { port } = listener.address() as AddressInfo
        const pending = request({ port, host: '127.0.0.1', ...pem(client), rejectUnauthorized: false })
        pending.on('error', () => undefined).end()
        once(pending, 'close').catch(() => undefined)
      })
    })
    expect(await seen).toBe('CN=alice')
  })
})

const pem = ({ cert, key }: { readonly cert: string; readonly key: string }) => ({ cert, key })
