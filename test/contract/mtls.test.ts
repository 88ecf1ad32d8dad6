import { once } from 'node:events'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import type { Reason } from 'bearward'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import type { App, Route } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal, PLACE } from '../support/apps/expect-response.ts'
import { RESUMES, seesCertificates } from '../support/apps/runtime.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { createCertificate, WRITTEN } from '../support/tls/certificates.ts'
import { type Connect, createTlsServing, overTls } from '../support/tls/tls.ts'

const kit = createKit()
const client = createCertificate('client')
const other = createCertificate('other')

const boundTo = ({ thumbprint }: { thumbprint: string }) =>
  kit.token({ claims: kit.claims({ cnf: { 'x5t#S256': thumbprint } }) })
const bound = boundTo(client)
const free = kit.token()

const ROUTES: readonly Route[] = [{ path: '/orders', use: (to) => [to.requireScope('read:orders')] }]
const options = { resource: RESOURCE, issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) }, clock: () => NOW }
const serving = createTlsServing()

let apps: readonly App[]
let plain: readonly App[]
let off: readonly App[]
let strict: readonly App[]
beforeAll(async () => {
  apps = await startAll({ ...options, mtls: 'accept' }, ROUTES, serving)
  plain = await startAll({ ...options, mtls: 'accept' }, ROUTES)
  off = await startAll(options, ROUTES, serving)
  strict = await startAll({ ...options, mtls: 'require' }, ROUTES, serving)
})
afterAll(() => closeAll([...apps, ...plain, ...off, ...strict]))

const refuses = (
  to: readonly App[],
  token: string,
  connect?: Connect,
  reason: Reason = 'confirmation',
  more: string[] = [],
) =>
  expectRefusal(
    to,
    { lines: [...bearer(token), ...more] },
    { error: 'invalid_token', reason, scope: 'read:orders' },
    PLACE,
    connect,
  )

const accepts = async (to: readonly App[], token: string, connect?: Connect) =>
  (await expectReached(to, { lines: bearer(token) }, connect)).boundBy

const seeing = () => apps.filter(seesCertificates)

const VERSIONS: Readonly<Record<string, ConnectionOptions>> = {
  'TLS 1.2': { maxVersion: 'TLSv1.2' },
  'TLS 1.3': { minVersion: 'TLSv1.3' },
}

describe.each(Object.entries(VERSIONS))('a certificate-bound token on %s (RFC 8705 §3)', (_, version) => {
  it('is accepted over a connection with that certificate, which may be self-signed (§2.2)', async (context) => {
    if (seeing().length === 0) return context.skip('this runtime does not expose the certificate')
    expect(await accepts(seeing(), bound, overTls(client, version))).toBe('mtls')
  })

  it('is refused over a connection with another certificate', async () => {
    await refuses(apps, bound, overTls(other, version))
  })

  it('is refused over a connection without certificate', async () => {
    await refuses(apps, bound, overTls(undefined, version))
  })

  it('is refused if only a header has the certificate: no peer is a trusted proxy (RFC 9440 §4)', async () => {
    const lines = [`Client-Cert: ${WRITTEN.rfc9440(client)}`, `X-Forwarded-Client-Cert: ${WRITTEN.envoy(client)}`]
    await refuses(apps, bound, overTls(other, version), 'confirmation', lines)
    await refuses(apps, bound, overTls(undefined, version), 'confirmation', lines)
  })

  it('is accepted over a resumed session that began with that certificate, and no other', async (context) => {
    if (!RESUMES) return context.skip('this runtime does not resume sessions')
    for (const app of seeing()) {
      const session = await sessionOf(app.port, { ...client, ...version })
      // The certificate is part of the session: the client sends none this time.
      expect(await accepts([app], bound, overTls(undefined, { ...version, session }))).toBe('mtls')
      expect(await accepts([app], bound, overTls(other, { ...version, session }))).toBe('mtls')
      await refuses([app], boundTo(other), overTls(other, { ...version, session }))
    }
  })

  it('is refused over a resumed session that began without certificate', async (context) => {
    if (!RESUMES) return context.skip('this runtime does not resume sessions')
    for (const app of seeing()) {
      const session = await sessionOf(app.port, version)
      await refuses([app], bound, overTls(client, { ...version, session }))
    }
  })
})

/** The session ticket (RFC 5077, RFC 8446 §2.2). It arrives only after the server has responded once. */
async function sessionOf(port: number, more: ConnectionOptions): Promise<Buffer> {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...more })
  const session = once(socket, 'session')
  await once(socket, 'secureConnect')
  socket.write('GET /nothing HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n\r\n')
  socket.resume()
  const [ticket] = (await session) as [Buffer]
  socket.destroy()
  return ticket
}

describe('certificates and tokens that do not match (RFC 8705 §3)', () => {
  it('a bearer token is accepted with a certificate and without one', async () => {
    expect(await accepts(apps, free, overTls(client))).toBeNull()
    expect(await accepts(apps, free, overTls())).toBeNull()
  })

  it('a bound token is refused without TLS', async () => {
    await refuses(plain, bound)
  })

  it('a bound token is refused by a runtime that does not expose the certificate', async () => {
    await refuses(
      apps.filter((app) => !seesCertificates(app)),
      bound,
      overTls(client),
    )
  })

  it('a bound token is refused with mtls off, whatever the connection has', async () => {
    await refuses(off, bound, overTls(client))
    expect(await accepts(off, free, overTls(client))).toBeNull()
  })

  it('an unbound token is refused if a sender constraint is required, whatever the connection has', async () => {
    await refuses(strict, free, overTls(client), 'unbound')
    await refuses(strict, kit.token({ claims: kit.claims({ cnf: null }) }), overTls(client))
  })

  it.each<[string, unknown]>([
    ['its start', client.thumbprint.slice(0, 42)],
    ['longer than it', `${client.thumbprint}A`],
    ['with padding', `${client.thumbprint}=`],
    ['in base64', Buffer.from(client.hash, 'hex').toString('base64')],
    ['in hexadecimal digits', client.hash],
    ['in a list', [client.thumbprint]],
    ['empty', ''],
    ['with bits that belong to no byte', stray(client.thumbprint)],
  ])('a thumbprint that is %s is invalid (RFC 8705 §3.1)', async (_, thumbprint) => {
    await refuses(apps, kit.token({ claims: kit.claims({ cnf: { 'x5t#S256': thumbprint } }) }), overTls(client))
  })

  it('the SHA-1 thumbprint is not accepted (RFC 7515 §4.1.7)', async () => {
    await refuses(apps, kit.token({ claims: kit.claims({ cnf: { x5t: client.thumbprint } }) }), overTls(client))
  })
})

/** Another text that lenient decoders read as the same bytes: the last character has two extra bits. */
function stray(thumbprint: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return `${thumbprint.slice(0, -1)}${alphabet[alphabet.indexOf(thumbprint.slice(-1)) + 1]}`
}
