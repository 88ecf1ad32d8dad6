import type { ResourceServerOptions } from 'bearward'
import { type RevocationOptions, type Revocations, revocation } from 'bearward/revocation'
import { describe, expect, it, onTestFinished } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { createRevokingServer, kit } from './kit.ts'
import { CLIENT, logoutToken } from './logout-tokens.ts'
import { AUDIENCE, CAEP, securityEvent } from './security-events.ts'

// Who signs logout tokens and security events, and which resource server verifies them (N3a, N3b).

type Issuer = ResourceServerOptions['issuer']

const keys = keySetOf(kit.signers.ES256)
const trusting: Issuer = { issuer: ISSUER, keys }
const other = { issuer: 'https://other.example', keys } satisfies Issuer
const down: Issuer = { issuer: ISSUER, keys: { load: () => Promise.reject(new Error('down')) } }
const unresolved: Issuer = { allow: { has: () => true }, resolve: () => Promise.reject(new Error('down')) }
const introspecting = { issuer: ISSUER, keys: null, introspect: async () => ({ active: false }) } satisfies Issuer

/** The code of what the servers with these issuers respond, or the status. */
async function outcomeAt(
  issuers: readonly Issuer[],
  { token = logoutToken(), signals }: { token?: string; signals?: RevocationOptions['sharedSignals'] } = {},
): Promise<unknown> {
  const revoked = revocation({ logout: { clients: CLIENT }, ...(signals && { sharedSignals: signals }) })
  const servers = issuers.map((issuer) => createRevokingServer({ issuer }, revoked))
  const endpoint = signals ? revoked.sharedSignals : revoked.backchannelLogout
  const response = await endpoint.respond('POST', '/', {
    authorization: [],
    contentType: signals ? 'application/secevent+jwt' : 'application/x-www-form-urlencoded',
    body: async () => (signals ? token : `logout_token=${token}`),
  })
  for (const { server } of servers) server.close()
  return servers[0]?.log.of('revocation').find(({ action }) => action === 'rejected')?.code ?? response?.status
}

describe('a logout token', () => {
  const forged = logoutToken({}, {}, kit.attacker)

  it.each<[string, readonly Issuer[], string, unknown]>([
    ['the only server', [trusting], logoutToken(), 200],
    ['the second server', [other, trusting], logoutToken(), 200],
    ['the second server, while the first one has no keys', [down, trusting], logoutToken(), 200],
    [
      'the second server, which resolves its issuers',
      [other, { allow: { has: () => true }, resolve: () => ({ keys }) }],
      logoutToken(),
      200,
    ],
    ['no server that trusts its issuer', [other, other], logoutToken(), 'issuer'],
    ['a server that has no keys now', [down], logoutToken(), 'unavailable'],
    [
      'the first server, which has no keys now, and another one that does not trust it',
      [down, other],
      logoutToken(),
      'unavailable',
    ],
    ['the second server, which has no keys now', [other, down], logoutToken(), 'unavailable'],
    ['a server that cannot resolve its issuer now', [unresolved], logoutToken(), 'unavailable'],
    ['a server that introspects the tokens of its issuer', [introspecting], logoutToken(), 'issuer'],
    [
      'a server that introspects the tokens of its issuer, and another one that has no keys now',
      [introspecting, down],
      logoutToken(),
      'unavailable',
    ],
    ['the first server, which knows that it is forged', [trusting, other], forged, 'signature'],
    ['the second server, which knows that it is forged', [other, trusting], forged, 'signature'],
    [
      'the second server, which has no keys now, and the first one knows that it is forged',
      [trusting, down],
      forged,
      'signature',
    ],
    [
      'a server that accepts only shorter headers',
      [trusting],
      logoutToken({}, { more: 'x'.repeat(2048) }),
      'too_large',
    ],
  ])('is decided by %s', async (_, issuers, token, outcome) => {
    expect(await outcomeAt(issuers, { token })).toBe(outcome)
  })
})

describe('a security event', () => {
  const TRANSMITTER = 'https://signals.example'
  const event = (iss: string, signer = kit.signers.ES256) =>
    securityEvent(`${CAEP}session-revoked`, { iss }, {}, {}, signer)
  const listed = (name: string, more = {}) => ({
    audience: AUDIENCE,
    issuers: { [name]: { issuers: ISSUER, ...more } },
  })

  it.each<[string, Issuer, string, RevocationOptions['sharedSignals'], unknown]>([
    ['the keys of the issuer that reports about itself', trusting, event(ISSUER), { audience: AUDIENCE }, 202],
    ['the keys of the issuer that is listed', trusting, event(ISSUER), listed(ISSUER), 202],
    [
      'the keys in the list, if it has some',
      trusting,
      event(ISSUER, kit.attacker),
      listed(ISSUER, { keys: keySetOf(kit.attacker) }),
      202,
    ],
    [
      'the keys in the list alone',
      trusting,
      event(ISSUER),
      listed(ISSUER, { keys: keySetOf(kit.attacker) }),
      'signature',
    ],
    [
      'no keys of another issuer',
      trusting,
      event(TRANSMITTER),
      listed(TRANSMITTER, { keys: keySetOf(kit.attacker) }),
      'signature',
    ],
    [
      'no keys, from one that is not listed',
      trusting,
      event(TRANSMITTER),
      listed('https://another.example', { keys }),
      'issuer',
    ],
    ['no keys, while those of its issuer are not known', down, event(ISSUER), listed(ISSUER), 'unavailable'],
    ['no keys, while its issuer cannot be resolved', unresolved, event(ISSUER), listed(ISSUER), 'unavailable'],
    ['no keys, where its issuer has none', introspecting, event(ISSUER), { audience: AUDIENCE }, 'issuer'],
    ['the keys in the list, where its issuer has none', introspecting, event(ISSUER), listed(ISSUER, { keys }), 202],
  ])('is verified with %s', async (_, issuer, token, signals, outcome) => {
    expect(await outcomeAt([issuer], { token, signals })).toBe(outcome)
  })
})

describe('a security event of a transmitter that is no issuer', () => {
  const TRANSMITTER = 'https://signals.example'
  const signals = { audience: AUDIENCE, issuers: { [TRANSMITTER]: { issuers: ISSUER } } }
  const event = (jti: string, signer = kit.attacker) =>
    securityEvent(`${CAEP}session-revoked`, { iss: TRANSMITTER, jti, iat: NOW }, {}, {}, signer)

  async function pushTo({ sharedSignals }: Revocations, token: string) {
    const content = { authorization: [], contentType: 'application/secevent+jwt', body: async () => token }
    return (await sharedSignals.respond('POST', '/', content))?.status
  }

  /** Two servers, each with its own `fetch`, which fails once `isDown` is set. */
  function startTwo() {
    const revoked = revocation({ sharedSignals: signals })
    let signer = kit.attacker
    const start = () => {
      const own = { isDown: false, requests: 0 }
      const fetch = async (url: string | URL | Request) => {
        own.requests++
        if (own.isDown) throw new Error('closed')
        const metadata = { issuer: TRANSMITTER, jwks_uri: `${TRANSMITTER}/jwks` }
        return Response.json(String(url).includes('ssf-configuration') ? metadata : keySetOf(signer))
      }
      return Object.assign(own, createRevokingServer({ issuer: trusting, fetch }, revoked))
    }
    const [first, second] = [start(), start()]
    const push = (token: string) => pushTo(revoked, token)
    onTestFinished(() => [first, second].forEach(({ server }) => void server.close()))
    return { first, second, push, rotate: () => (signer = kit.signers.RS256) }
  }

  it('is verified with the fetch of a server that is open, once the first one is closed', async () => {
    const { first, second, push, rotate } = startTwo()
    expect(await push(event('event-1'))).toBe(202)
    expect([first.requests, second.requests]).toEqual([2, 0])
    first.server.close()
    first.isDown = true
    expect(await push(event('event-2', rotate()))).toBe(202)
    expect([first.requests, second.requests]).toEqual([2, 2])
    expect(second.log.of('fetch').map(({ target }) => target)).toEqual(['discovery', 'keys'])
  })

  it('is verified by the second server while the first one cannot load the keys', async () => {
    const { first, push } = startTwo()
    first.isDown = true
    expect(await push(event('event-1'))).toBe(202)
  })

  it('is verified by the second server if the first one is closed meanwhile', async () => {
    const { first, push } = startTwo()
    const pushed = push(event('event-1'))
    first.server.close()
    expect(await pushed).toBe(202)
  })

  it('gets 503 if the last server is closed meanwhile', async () => {
    const revoked = revocation({ sharedSignals: signals })
    const has = () => {
      server.close()
      return false
    }
    const { server } = createRevokingServer({ issuer: { allow: { has }, resolve: () => ({ keys }) } }, revoked)
    expect(await pushTo(revoked, event('event-1'))).toBe(503)
  })
})

/** The configuration events of each of the servers with these issuers. */
async function noticesAt(options: RevocationOptions, ...issuers: readonly Issuer[]) {
  const revoked = revocation(options)
  const servers = issuers.map((issuer) => createRevokingServer({ issuer }, revoked))
  await Promise.resolve()
  for (const { server } of servers) server.close()
  return servers.map(({ log }) => log.of('configuration'))
}

describe('an issuer that the options name, and no server has', () => {
  const misspelled: RevocationOptions = {
    logout: { clients: { [ISSUER]: CLIENT, 'https://issuer.exmaple': CLIENT } },
    sharedSignals: {
      audience: AUDIENCE,
      issuers: { 'https://transmitter.example': { issuers: [ISSUER, 'https://other.exmaple'], keys } },
    },
  }
  const resolving = (allow: readonly string[] | ReadonlySet<string>): Issuer => ({ allow, resolve: () => ({ keys }) })
  const problems = (known: string) =>
    ['issuer', 'other'].map(
      (name) =>
        `names "https://${name}.exmaple", which is not an issuer of a resource server with this revocation(): ${known}`,
    )

  it('is in an event of each server (A6)', async () => {
    const [events = [], more] = await noticesAt(misspelled, trusting, other)
    expect(events).toMatchObject([
      { issuer: undefined, option: 'revocation.logout.clients["https://issuer.exmaple"]' },
      { issuer: undefined, option: 'revocation.sharedSignals.issuers["https://transmitter.example"].issuers' },
    ])
    expect(events.map(({ problem }) => problem)).toEqual(problems(`${ISSUER}, https://other.example`))
    expect(more).toEqual(events)
  })

  it('is in an event, where the issuers that are resolved are listed', async () => {
    const tenants = Array.from({ length: 12 }, (_, index) => `https://tenant.example/${index}`)
    const [events = []] = await noticesAt(misspelled, resolving([ISSUER, ...tenants]))
    const known = [ISSUER, ...tenants.slice(0, 9)].join(', ')
    expect(events.map(({ problem }) => problem)).toEqual(problems(`${known} and 3 more`))
    const [ten = []] = await noticesAt(misspelled, resolving([ISSUER, ...tenants.slice(0, 9)]))
    expect(ten.map(({ problem }) => problem)).toEqual(problems(known))
    const all = ['https://issuer.exmaple', 'https://other.exmaple', ISSUER]
    expect(await noticesAt(misspelled, resolving(all))).toEqual([[]])
  })

  it('is not, where a server has it, or resolves its issuers', async () => {
    const both = ['https://issuer.exmaple', 'https://other.exmaple'].map((issuer) => ({ issuer, keys }))
    expect(await noticesAt(misspelled, both, trusting)).toEqual([[], []])
    expect(await noticesAt(misspelled, trusting, unresolved)).toEqual([[], []])
    // The application may add to its own set.
    expect(await noticesAt(misspelled, resolving(new Set([ISSUER])))).toEqual([[]])
  })
})

describe('an option that accepts nothing, because the issuers have no keys', () => {
  const list: RevocationOptions = { logout: { clients: CLIENT } }
  const named: RevocationOptions = { logout: { clients: { [ISSUER]: CLIENT } } }
  const signals: RevocationOptions = { sharedSignals: { audience: AUDIENCE } }
  const NOTHING = 'accepts nothing: no resource server with this revocation() has keys to verify it'
  const LIST = ['revocation.logout', NOTHING]
  const NAMED = [`revocation.logout.clients["${ISSUER}"]`, NOTHING]
  const SIGNALS = ['revocation.sharedSignals', NOTHING]
  const resolvingOther: Issuer = { allow: ['https://other.example'], resolve: () => ({ keys }) }
  const transmitter = { 'https://signals.example': { issuers: ISSUER, keys } }

  it.each<[string, RevocationOptions, readonly Issuer[], readonly string[][]]>([
    ['clients, introspected', list, [introspecting], [LIST]],
    ['clients, introspected by two servers', list, [introspecting, introspecting], [LIST]],
    ['clients by issuer, introspected', named, [introspecting], [NAMED]],
    ['clients by issuer, and another issuer has keys', named, [[introspecting, other], resolvingOther], [NAMED]],
    ['security events, introspected', signals, [introspecting], [SIGNALS]],
    ['all of it', { ...named, ...signals }, [introspecting], [NAMED, SIGNALS]],
    ['clients, and an issuer has keys', list, [[introspecting, other]], []],
    ['clients, and another server has keys', list, [introspecting, trusting], []],
    ['clients, and another server resolves its issuers', list, [introspecting, unresolved], []],
    ['clients by issuer, and another server has its keys', named, [introspecting, trusting], []],
    ['clients by issuer, and another server may resolve it', named, [introspecting, unresolved], []],
    ['security events, and an issuer has keys', signals, [[introspecting, other]], []],
    ['a transmitter', { sharedSignals: { audience: AUDIENCE, issuers: transmitter } }, [introspecting], []],
  ])('is in an event of each server (N3a, N3b): %s', async (_, options, issuers, notices) => {
    for (const events of await noticesAt(options, ...issuers))
      expect(events.map(({ option, problem }) => [option, problem])).toEqual(notices)
  })
})
