import { base64url, exportPKCS8, exportSPKI } from 'jose'
import { createSigningKey } from './signing-key.ts'

// Just enough DER (X.690) and X.509 (RFC 5280 §4.1) to self-sign, so that no repository contains a private key or a
// certificate that expires.

/** A private key and its self-signed certificate (RFC 8705 §2.2). */
export interface ClientCertificate {
  /** PEM, for the `cert` option of a TLS client or server. */
  readonly cert: string
  /** PEM, for the `key` option. */
  readonly key: string
  readonly der: Uint8Array
  /** The `cnf` claim of a token bound to the certificate (RFC 8705 §3.1). */
  readonly confirmation: { readonly 'x5t#S256': string }
  /** The `Client-Cert` header of a proxy that terminates TLS (RFC 9440 §2.2). */
  readonly header: string
}

const DAY = 86_400_000
const ECDSA_WITH_SHA256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const COMMON_NAME = objectId(0x55, 0x04, 0x03)

/**
 * Creates a self-signed certificate with a new P-256 key, for certificate-bound tokens (RFC 8705 §3). It is valid from
 * yesterday to tomorrow by the real clock.
 *
 * @param commonName the subject's common name, in ASCII
 */
export async function createClientCertificate(commonName = 'test-client'): Promise<ClientCertificate> {
  const { privateKey, publicKey } = await createSigningKey('ES256')
  const name = sequence(element(0x31, sequence(COMMON_NAME, element(0x0c, ascii(commonName)))))
  const body = sequence(
    element(0x02, Uint8Array.of(1)),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(Date.now() - DAY), time(Date.now() + DAY)),
    name,
    bytesOfPem(await exportSPKI(publicKey)),
  )
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const raw = await crypto.subtle.sign(algorithm, privateKey as globalThis.CryptoKey, body)
  const signature = element(0x03, Uint8Array.of(0), derSignature(new Uint8Array(raw)))
  const der = sequence(body, ECDSA_WITH_SHA256, signature)
  const thumbprint = base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', der)))
  const base64 = btoa(String.fromCharCode(...der))
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`,
    key: await exportPKCS8(privateKey),
    der,
    confirmation: Object.freeze({ 'x5t#S256': thumbprint }),
    header: `:${base64}:`,
  }
}

function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = contents.reduce((sum, content) => sum + content.length, 0)
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Uint8Array.from([tag, ...size, ...contents.flatMap((content) => [...content])])
}

function sequence(...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return element(0x30, ...contents)
}

function objectId(...bytes: readonly number[]): Uint8Array {
  return element(0x06, Uint8Array.from(bytes))
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** GeneralizedTime, to the second. */
const time = (milliseconds: number): Uint8Array =>
  element(0x18, ascii(`${new Date(milliseconds).toISOString().replace(/\D/g, '').slice(0, 14)}Z`))

/** Two integers instead of two halves (RFC 3279 §2.2.3), minimal and not negative. */
const derSignature = (raw: Uint8Array): Uint8Array => sequence(integer(raw.slice(0, 32)), integer(raw.slice(32)))

function integer(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0)
  const significant = start === -1 ? Uint8Array.of(0) : bytes.slice(start)
  return element(0x02, (significant[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(), significant)
}

const bytesOfPem = (pem: string): Uint8Array =>
  Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, '')), (character) => character.charCodeAt(0))
