import type { CertificateFormat, Peer, Reason } from 'bearward'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import type { App, Route } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal, PLACE, responseOfAll } from '../support/apps/expect-response.ts'
import { isBehindFetch, seesCertificates } from '../support/apps/runtime.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { createCertificate, WRITTEN } from '../support/tls/certificates.ts'
import { type Connect, createTlsServing, overTls, type TlsServing } from '../support/tls/tls.ts'

// D5: the header of a proxy, and everything that another peer could write into it.

const kit = createKit()
const client = createCertificate('client')
const victim = createCertificate('victim')
const boundTo = ({ thumbprint }: { thumbprint: string }) =>
  kit.token({ claims: kit.claims({ cnf: { 'x5t#S256': thumbprint } }) })
const stolen = boundTo(victim)

const ROUTES: readonly Route[] = [{ path: '/orders', use: (to) => [to.requireScope('read:orders')] }]

type IsTrusted = (peer: Peer, request: object) => unknown
let isTrusted: IsTrusted
const yes: IsTrusted = () => true

const start = (format: CertificateFormat, header?: string, tls?: TlsServing) =>
  startAll(
    {
      resource: RESOURCE,
      issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
      clock: () => NOW,
      mtls: {
        proxy: {
          isTrusted: (peer, request) => isTrusted(peer, request) as boolean,
          format,
          ...(header !== undefined && { header }),
        },
      },
    },
    ROUTES,
    tls,
  )

const FORMATS: readonly CertificateFormat[] = ['rfc9440', 'der', 'pem', 'xfcc']
const NAMES: Readonly<Record<CertificateFormat, string>> = {
  rfc9440: 'Client-Cert',
  der: 'X-Forwarded-Tls-Client-Cert',
  pem: 'X-Client-Cert',
  xfcc: 'X-Forwarded-Client-Cert',
}
/** The header value that a proxy sends in each format. */
const WRITE = { rfc9440: WRITTEN.rfc9440, der: WRITTEN.der, pem: WRITTEN.nginx, xfcc: WRITTEN.envoyWithCert } as const

let apps: Readonly<Record<CertificateFormat, readonly App[]>>
/** The same for `Client-Cert`, over TLS. */
let secure: readonly App[]
beforeAll(async () => {
  const [rfc9440, der, pem, xfcc] = await Promise.all([
    start('rfc9440'),
    start('der', NAMES.der),
    start('pem', NAMES.pem),
    start('xfcc', NAMES.xfcc),
  ])
  apps = { rfc9440, der, pem, xfcc }
  secure = await start('rfc9440', undefined, createTlsServing())
})
afterAll(() => closeAll([...Object.values(apps).flat(), ...secure]))

interface Sent {
  readonly token?: string
  readonly lines?: readonly string[]
  readonly connect?: Connect
}

const request = ({ token = stolen, lines = [] }: Sent) => ({ lines: [...bearer(token), ...lines] })

const refuses = (to: readonly App[], sent: Sent, reason: Reason = 'confirmation') =>
  expectRefusal(to, request(sent), { error: 'invalid_token', reason, scope: 'read:orders' }, PLACE, sent.connect)

const accepts = async (to: readonly App[], sent: Sent) => (await expectReached(to, request(sent), sent.connect)).boundBy

describe.each(FORMATS)('the header of a proxy, as %s', (format) => {
  const name = NAMES[format]
  const write = WRITE[format]
  const line = `${name}: ${write(victim)}`

  it('proves the certificate that the proxy has seen (RFC 9440 §2.2)', async () => {
    isTrusted = yes
    expect(await accepts(apps[format], { lines: [line] })).toBe('mtls')
    expect(await accepts(apps[format], { lines: [line.replace(name, name.toUpperCase())] })).toBe('mtls')
    expect(await accepts(apps[format], { lines: [`${name}:${write(victim)} \t`] })).toBe('mtls')
  })

  it('does not prove another one', async () => {
    isTrusted = yes
    await refuses(apps[format], { lines: [`${name}: ${write(client)}`] })
    await refuses(apps[format], { token: boundTo(client), lines: [line] })
  })

  it('is ignored if the peer is not trusted (RFC 9440 §4)', async () => {
    for (const trusted of [false, undefined, null, 0, 1, 'true', {}, [], Number.NaN]) {
      isTrusted = () => trusted
      await refuses(apps[format], { lines: [line] })
    }
  })

  it('is refused if it occurs twice, in either order (RFC 9440 §4)', async () => {
    isTrusted = yes
    const mine = `${name}: ${write(client)}`
    await refuses(apps[format], { lines: [line, mine] })
    await refuses(apps[format], { lines: [mine, line] })
    await refuses(apps[format], { lines: [line, line] })
    await refuses(apps[format], { lines: [line, line.replace(name, name.toLowerCase())] })
    await refuses(apps[format], { lines: [line, `${name}:`] })
    await refuses(apps[format], { lines: [line, 'X-Other: 1', mine] })
  })

  it('is refused if one line contains two values', async () => {
    isTrusted = yes
    for (const comma of [',', ', ', ' , ', '%2C', '%2c ']) {
      await refuses(apps[format], { lines: [`${name}: ${write(victim)}${comma}${write(client)}`] })
      await refuses(apps[format], { lines: [`${name}: ${write(client)}${comma}${write(victim)}`] })
    }
  })

  it('is refused if it is empty, missing or under a similar name', async () => {
    isTrusted = yes
    await refuses(apps[format], {})
    await refuses(apps[format], { lines: [`${name}:`] })
    for (const other of [name.replaceAll('-', '_'), `${name}-Chain`, `X-${name}`, name.replaceAll('-', '')]) {
      await refuses(apps[format], { lines: [`${other}: ${write(victim)}`] })
    }
  })

  it('is refused in every other format', async () => {
    isTrusted = yes
    for (const foreign of FORMATS.filter((one) => one !== format)) {
      await refuses(apps[format], { lines: [`${name}: ${WRITE[foreign](victim)}`] })
    }
  })

  it('does not affect a bearer token', async () => {
    isTrusted = yes
    const free = kit.token()
    expect(await accepts(apps[format], { token: free, lines: [line] })).toBeNull()
    expect(await accepts(apps[format], { token: free, lines: [line, line] })).toBeNull()
  })
})

describe('the connection and the header (RFC 9440 §4)', () => {
  const line = `Client-Cert: ${WRITTEN.rfc9440(victim)}`
  const own = boundTo(client)

  it('the certificate of a trusted proxy is not that of the client', async () => {
    isTrusted = yes
    await refuses(secure, { token: own, connect: overTls(client) })
    await refuses(secure, { token: own, connect: overTls(client), lines: [line] })
    await refuses(secure, { token: own, connect: overTls(client), lines: ['Client-Cert:'] })
    expect(await accepts(secure, { lines: [line], connect: overTls(client) })).toBe('mtls')
  })

  it('a header of another peer does not replace its own certificate', async (context) => {
    const seeing = secure.filter(seesCertificates)
    if (seeing.length === 0) return context.skip('this runtime does not expose the certificate')
    isTrusted = () => false
    expect(await accepts(seeing, { token: own, connect: overTls(client), lines: [line] })).toBe('mtls')
    expect(await accepts(seeing, { token: own, connect: overTls(client), lines: [line, line] })).toBe('mtls')
    await refuses(seeing, { connect: overTls(client), lines: [line] })
  })
})

describe('the predicate isTrusted', () => {
  const line = `Client-Cert: ${WRITTEN.rfc9440(victim)}`
  const lines = [line]

  it('gets the address of the direct peer, as IPv4, and the request of the framework', async () => {
    const seen: [string | undefined, object][] = []
    isTrusted = (peer, native) => {
      seen.push([peer.address, native])
      return peer.address === '127.0.0.1'
    }
    const withAddress = apps.rfc9440.filter((app) => !isBehindFetch(app))
    expect(await accepts(withAddress, { lines })).toBe('mtls')
    expect(seen.map(([address]) => address)).toEqual(withAddress.map(() => '127.0.0.1'))
    expect(new Set(seen.map(([, native]) => native)).size).toBe(withAddress.length)
  })

  it('gets no address if the runtime exposes none, and must not trust that peer', async () => {
    const seen: Peer[] = []
    isTrusted = (peer) => {
      seen.push(peer)
      return peer.address === '127.0.0.1'
    }
    const blind = apps.rfc9440.filter(isBehindFetch)
    await refuses(blind, { lines })
    expect(seen).toEqual(blind.map(() => ({ address: undefined })))
  })

  it('does not get the address from Forwarded or X-Forwarded-For', async () => {
    isTrusted = ({ address }) => address === '10.0.0.1'
    await refuses(apps.rfc9440, {
      lines: [...lines, 'X-Forwarded-For: 10.0.0.1', 'Forwarded: for=10.0.0.1', 'X-Real-IP: 10.0.0.1'],
    })
  })

  it('is called once for a bound token, and never for an unbound one', async () => {
    let calls = 0
    isTrusted = () => {
      calls++
      return true
    }
    await accepts(apps.rfc9440, { lines })
    expect(calls).toBe(apps.rfc9440.length)
    await accepts(apps.rfc9440, { token: kit.token(), lines })
    expect(calls).toBe(apps.rfc9440.length)
  })

  it.each<[string, IsTrusted]>([
    ['throws', () => fail(new Error('own failure'))],
    [
      'throws an error with a status',
      () => fail(Object.assign(new Error('own failure'), { status: 200, statusCode: 200 })),
    ],
    ['throws nothing', () => fail(undefined)],
    ['throws a string that Express interprets', () => fail('route')],
    ['returns a promise of true', async () => true],
    ['returns a promise that fails', () => Promise.reject(new Error('own failure'))],
    // biome-ignore lint/suspicious/noThenProperty: the test needs a thenable
    ['returns a thenable', () => ({ then: (done: (trusted: boolean) => void) => done(true) })],
  ])('that %s is an error of the application: 500, and no request gets through (A7)', async (_, predicate) => {
    isTrusted = predicate
    const before = apps.rfc9440.map(({ reached }) => reached.length)
    for (const app of apps.rfc9440) {
      const { status, all, body } = await responseOfAll([app], request({ lines }))
      expect({ name: app.name, status, challenge: all('www-authenticate') }).toEqual({
        name: app.name,
        status: 500,
        challenge: [],
      })
      expect(body).not.toMatch(/error_description/)
    }
    expect(apps.rfc9440.map(({ reached }) => reached.length)).toEqual(before)
  })
})

function fail(thrown: unknown): never {
  throw thrown
}
