import { createResourceServer, dpop, type GuardLike, mtls } from 'bearward'
import { describe, expect, it } from 'vitest'
import { issuer, problem, resource, server } from './problem.ts'

const proxy = (members: Readonly<Record<string, unknown>>) => server({ mtls: { proxy: { isTrusted, ...members } } })
const isTrusted = () => true
const nonce = (members: Readonly<Record<string, unknown>>) => server({ dpop: { nonce: members } })

/** The option in the error, and a part of its message. */
const WRONG: Readonly<Record<string, readonly [options: unknown, option: string, says: string]>> = {
  'mtls as another string': [server({ mtls: 'on' }), 'mtls', 'must be "off" or "accept" or "require"'],
  'mtls that is true': [server({ mtls: true }), 'mtls', 'must be "off" or "accept" or "require"'],
  'mtls that is undefined': [server({ mtls: undefined }), 'mtls', 'environment variable'],
  'mtls with an unknown member': [
    server({ mtls: { proxies: [] } }),
    'mtls.proxies',
    'is unknown; the options here: mode, proxy',
  ],
  'mtls in an unknown mode': [server({ mtls: { mode: 'demand' } }), 'mtls.mode', '"require"'],
  'a proxy that is a list of addresses': [server({ mtls: { proxy: ['10.0.0.1'] } }), 'mtls.proxy', 'must be an object'],
  'a proxy without isTrusted': [server({ mtls: { proxy: {} } }), 'mtls.proxy.isTrusted', 'is missing'],
  'a proxy with isTrusted: true': [proxy({ isTrusted: true }), 'mtls.proxy.isTrusted', 'must be a function; got true'],
  'isTrusted that is undefined': [proxy({ isTrusted: undefined }), 'mtls.proxy.isTrusted', 'got undefined'],
  'a format as another string': [proxy({ format: 'PEM' }), 'mtls.proxy.format', '"pem"'],
  'a header with a space': [proxy({ header: 'Client Cert' }), 'mtls.proxy.header', 'the name of a header field'],
  'a header with a colon': [proxy({ header: 'Client-Cert:' }), 'mtls.proxy.header', 'the name of a header field'],
  'a header that is empty': [proxy({ header: '' }), 'mtls.proxy.header', 'the name of a header field'],
  'dpop as another string': [server({ dpop: 'on' }), 'dpop', '"accept"'],
  'dpop with an unknown member': [
    server({ dpop: { past: 1 } }),
    'dpop.past',
    'is unknown; the options here: mode, nonce',
  ],
  'no algorithms': [server({ dpop: { algorithms: [] } }), 'dpop.algorithms', 'at least one element'],
  'a symmetric algorithm': [server({ dpop: { algorithms: ['HS256'] } }), 'dpop.algorithms[0]', 'asymmetric'],
  'no time for a proof': [server({ dpop: { maxAge: 0 } }), 'dpop.maxAge', 'from 1 to 3600'],
  'a proof in the far future': [server({ dpop: { clockTolerance: 301 } }), 'dpop.clockTolerance', 'from 0 to 300'],
  'a short secret': [nonce({ secret: 'short' }), 'dpop.nonce.secret', 'at least 32 random bytes'],
  'no secret': [nonce({}), 'dpop.nonce.secret', 'at least 32 random bytes'],
  'a publicUrl over http': [server({ publicUrl: 'http://api.example.com' }), 'publicUrl', 'must be https'],
  'a publicUrl without scheme': [server({ publicUrl: 'api.example.com' }), 'publicUrl', 'must be an absolute URL'],
  'a publicUrl with a query': [server({ publicUrl: `${resource}?a` }), 'publicUrl', 'a query or a fragment'],
  'a publicUrl with a password': [
    server({ publicUrl: 'https://a:b@api.example.com' }),
    'publicUrl',
    'a user name or password',
  ],
  'no publicUrl': [server({ publicUrl: [] }), 'publicUrl', 'at least one element'],
  'a wrong publicUrl among others': [server({ publicUrl: [resource, '/v1'] }), 'publicUrl[1]', 'an absolute URL'],
}

describe('wrong options of sender constraints throw, and the error names the option and the problem', () => {
  it.each(Object.entries(WRONG))('%s', (_, [options, option, says]) => {
    const { message, option: named } = problem(options)
    expect(named).toBe(option)
    expect(message).toContain(says)
  })

  it('no message contains a secret', () => {
    expect(problem(nonce({ secret: 'hush-hush' })).message).not.toContain('hush')
  })
})

describe('right options of sender constraints', () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['modes', { dpop: 'require', mtls: 'accept' }],
    ['report-only modes', { dpop: { mode: 'report-only' }, mtls: { mode: 'report-only' } }],
    ['off', { dpop: 'off', mtls: { mode: 'off' } }],
    ['a proxy by default', { mtls: { proxy: { isTrusted: isTrusted } } }],
    ['a proxy with a header in capitals', { mtls: { proxy: { isTrusted, header: 'X-CLIENT-CERT', format: 'pem' } } }],
    ['every format', { mtls: { mode: 'require', proxy: { isTrusted, format: 'xfcc' } } }],
    ['a public URL with a path', { publicUrl: 'https://example.com/api/v1' }],
    ['several public URLs, one on loopback', { publicUrl: [resource, 'http://localhost:3000'] }],
    ['nonces', { dpop: { nonce: { secret: new Uint8Array(32), rotate: 60 } } }],
  ])('%s', (_, members) => {
    expect(() => createResourceServer({ resource, issuer, ...members })).not.toThrow()
  })
})

describe('guards that set a mode', () => {
  const guarded = (options: object, ...guards: readonly GuardLike[]) =>
    createResourceServer({ resource, issuer, ...options }).guards(...guards)

  it('need a server that supports the sender constraint', () => {
    expect(() => guarded({}, mtls('require'))).toThrow(/mtls: 'accept'/)
    expect(() => guarded({ mtls: 'accept' }, dpop('accept'))).toThrow(/dpop: 'accept'/)
    expect(() => guarded({ mtls: 'accept' }, mtls('require'))).not.toThrow()
    expect(() => guarded({}, mtls('off'))).not.toThrow()
  })

  it('set it once', () => {
    expect(() => guarded({ mtls: 'accept' }, mtls('off'), mtls('require'))).toThrow(/set twice/)
  })

  it('accept no other string', () => {
    expect(() => mtls('on' as 'off')).toThrow(/"require"/)
  })
})
