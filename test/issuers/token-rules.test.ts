import { type BearwardEvent, createResourceServer, type IssuerOptions } from 'bearward'
import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'

// J12-J15: what an issuer's tokens may contain, where its options say more than the defaults.

const kit = createKit()

function serverWith(issuer: Partial<IssuerOptions>, events: BearwardEvent[] = []) {
  return createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256), ...issuer },
    clock: () => NOW,
    onEvent: (event) => events.push(event),
  })
}

const token = (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
  kit.token({ claims: kit.claims(claims), header: kit.header(header) })

const outcome = async (issuer: Partial<IssuerOptions>, ...args: Parameters<typeof token>) => {
  const { status, reason } = await send(serverWith(issuer), token(...args))
  return reason ?? status
}

describe('allowIdTokenClaims (J12, RFC 8725 §3.11)', () => {
  const allowed = { allowIdTokenClaims: true }

  it.each(['nonce', 'at_hash', 'c_hash'])('accepts %s, and without the option refuses it', async (claim) => {
    expect(await outcome(allowed, { [claim]: 'x' })).toBe(200)
    expect(await outcome({}, { [claim]: 'x' })).toBe('token_type')
    expect(await outcome({ allowIdTokenClaims: false }, { [claim]: 'x' })).toBe('token_type')
  })

  it.each<[string, Record<string, unknown>]>([
    ['s_hash', { s_hash: 'x' }],
    ['events', { events: {} }],
    ['token_introspection', { token_introspection: {} }],
    ['active', { active: true }],
    ['htm', { htm: 'GET' }],
    ['htu', { htu: RESOURCE }],
    ['status_list', { status_list: {} }],
    ['token_use: id', { token_use: 'id' }],
    ['typ: ID', { typ: 'ID' }],
    ['typ: Refresh', { typ: 'Refresh' }],
  ])('still refuses %s beside them', async (_, claims) => {
    expect(await outcome(allowed, { nonce: 'x', at_hash: 'x', ...claims })).toBe('token_type')
  })

  it.each(['logout+jwt', 'secevent+jwt', 'dpop+jwt', 'token-introspection+jwt', 'id_token+jwt'])(
    'still refuses the header type %s',
    async (typ) => {
      expect(await outcome(allowed, { nonce: 'x' }, { typ })).toBe('token_type')
    },
  )

  it('relaxes nothing else: audience, client and scopes are as for any token', async () => {
    expect(await outcome(allowed, { nonce: 'x', aud: 'client-1' })).toBe('audience')
    expect(await outcome({ ...allowed, profile: 'rfc9068' }, { nonce: 'x' }, { typ: 'JWT' })).toBe('token_type')
    expect(await outcome({ ...allowed, profile: 'rfc9068' }, { nonce: 'x' })).toBe(200)
    expect((await serverWith(allowed).verify(token({ nonce: 'x', scope: undefined }))).scopes).toEqual([])
  })
})

describe('clients (J13, RFC 9068 §2.2)', () => {
  const issuer = { clients: ['web', 'app'], audience: null }

  it.each<[string, Record<string, unknown>, unknown]>([
    ['a listed client_id', { client_id: 'app' }, 200],
    ['a listed azp, without client_id', { client_id: undefined, azp: 'web' }, 200],
    ['another client_id', { client_id: 'other' }, 'client'],
    ['another azp', { client_id: undefined, azp: 'other' }, 'client'],
    ['another client_id beside a listed azp', { client_id: 'other', azp: 'web' }, 'client'],
    ['a listed client_id beside another azp', { client_id: 'web', azp: 'other' }, 200],
    ['another case', { client_id: 'Web' }, 'client'],
    ['an empty client_id', { client_id: '' }, 'client'],
    ['neither', { client_id: undefined }, 'missing_claim'],
    ['neither, although aud and sub are listed', { client_id: undefined, aud: 'web', sub: 'web' }, 'missing_claim'],
    ['a list', { client_id: undefined, azp: ['web'] }, 'malformed'],
    ['null beside a listed azp', { client_id: null, azp: 'web' }, 'malformed'],
  ])('%s', async (_, claims, expected) => {
    expect(await outcome(issuer, claims)).toBe(expected)
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['client_id, which is the one to add', { client_id: undefined }, 'client_id'],
    ['the azp that is not listed', { client_id: undefined, azp: 'other' }, 'azp'],
  ])('a refusal names %s (A9)', async (_, claims, claim) => {
    await expect(serverWith(issuer).verify(token(claims))).rejects.toMatchObject({ claim })
  })
})

describe('maxAge (J4, RFC 7519 §4.1.6)', () => {
  it('without iat, a refusal names it (A9)', async () => {
    const refused = serverWith({ maxAge: 60 }).verify(token({ iat: undefined }))
    await expect(refused).rejects.toMatchObject({ reason: 'missing_claim', claim: 'iat' })
  })
})

describe('scopeClaims with a path (J14)', () => {
  const scopesOf = async (path: readonly string[], claims: Record<string, unknown>) =>
    (await serverWith({ scopeClaims: [path] }).verify(token(claims))).scopes

  it('reads a member of a claim, and together with other claims', async () => {
    const claims = { realm_access: { roles: ['a', 'b'] } }
    expect(await scopesOf(['realm_access', 'roles'], claims)).toEqual(['a', 'b'])
    const both = serverWith({ scopeClaims: ['scope', ['realm_access', 'roles']] })
    expect((await both.verify(token(claims))).scopes).toEqual(['read:orders', 'a', 'b'])
  })

  it.each<[string, unknown]>([
    ['no claim', undefined],
    ['null', null],
    ['a list', ['a']],
    ['a list with the object', [{ roles: ['a'] }]],
    ['a string', 'a'],
    ['no member', {}],
    ['an object where scopes belong', { roles: { a: true } }],
    ['a number', { roles: 1 }],
    ['true', { roles: true }],
  ])('grants nothing for %s', async (_, value) => {
    expect(await scopesOf(['realm_access', 'roles'], { realm_access: value })).toEqual([])
  })

  it.each([['0'], ['length'], ['constructor', 'name'], ['__proto__', 'a'], ['toString']])(
    'reads no element of a list and no inherited member: %s',
    async (...path) => {
      expect(await scopesOf(['list', ...path], { list: ['a'] })).toEqual([])
      expect(await scopesOf(path, {})).toEqual([])
    },
  )

  it('an element that contains a space grants nothing, as in a claim (RFC 6749 §3.3)', async () => {
    expect(await scopesOf(['x', 'y'], { x: { y: ['a b', 'c'] } })).toEqual(['c'])
    expect(await scopesOf(['x', 'y'], { x: { y: 'a b' } })).toEqual(['a', 'b'])
  })

  const configurations = (issuer: Partial<IssuerOptions>) => {
    const events: BearwardEvent[] = []
    serverWith(issuer, events)
    return events
  }

  it('a name with a dot emits a configuration event that shows the path', () => {
    expect(configurations({ scopeClaims: ['scope', 'realm_access.roles'] })).toEqual([
      {
        type: 'configuration',
        issuer: ISSUER,
        option: 'issuer.scopeClaims[1]',
        problem:
          "is the name of one claim, \"realm_access.roles\"; for a member of a claim, use ['realm_access', 'roles']",
      },
    ])
  })

  it('a URL, a name without a dot, and a path emit none', () => {
    expect(configurations({ scopeClaims: ['https://shop.example/roles', 'urn:x.y', 'roles', ['a.b', 'c']] })).toEqual(
      [],
    )
  })
})

describe('soleAudience (J15, RFC 8707 §3)', () => {
  it.each<[unknown, unknown]>([
    [RESOURCE, 200],
    [[RESOURCE], 200],
    [[RESOURCE, RESOURCE], 200],
    [[RESOURCE, 'https://other.example'], 'audience'],
    [['https://other.example', RESOURCE], 'audience'],
    [[RESOURCE, ''], 'audience'],
    [[], 'audience'],
    [undefined, 'missing_claim'],
    [[RESOURCE, 1], 'malformed'],
  ])('aud %j', async (aud, expected) => {
    expect(await outcome({ soleAudience: true }, { aud })).toBe(expected)
  })

  it('is off by default: other audiences beside ours are ignored', async () => {
    expect(await outcome({}, { aud: [RESOURCE, 'https://other.example'] })).toBe(200)
  })
})
