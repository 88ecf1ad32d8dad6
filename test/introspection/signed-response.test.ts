import { BearwardError, createResourceServer, type IssuerOptions } from 'bearward'
import { describe, expect, it } from 'vitest'
import { createSigner, keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW, signed } from '../corpus/kit.ts'
import { CLIENT } from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'
import { introspectionOf } from './kit.ts'

// I8: what a signed response must be, one thing wrong at a time. Any other is a fault of the upstream server: 503.

const kit = createKit()
const { ES256, PS256 } = kit.signers
const ENDPOINT = `${ISSUER}/introspect`

type Members = Readonly<Record<string, unknown>>

/** A good response about an active token, with overrides; `undefined` omits a member. */
const claims = (over: Members = {}): Members => ({
  iss: ISSUER,
  aud: CLIENT.clientId,
  iat: NOW,
  token_introspection: { active: true, aud: RESOURCE },
  ...over,
})

const header = (over: Members = {}): Members => ({
  alg: 'ES256',
  kid: ES256.kid,
  typ: 'token-introspection+jwt',
  ...over,
})

/** The outcome of a request whose token gets this response, and the error that the operator sees, with the reason of its cause. */
async function outcomeOf(
  response: string,
  issuer: Partial<IssuerOptions> = {},
  type = 'application/token-introspection+jwt',
) {
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: {
      issuer: ISSUER,
      keys: keySetOf(ES256, PS256),
      introspection: { endpoint: ENDPOINT, client: CLIENT, signed: 'require' },
      ...issuer,
    },
    clock: () => NOW,
    fetch: async () => new Response(response, { headers: { 'content-type': type } }),
  })
  const { status, reason } = await send(server, 'an-opaque-token')
  const { code, message, cause } = introspectionOf(server)?.lastError ?? {}
  const why = cause instanceof BearwardError ? [cause.reason] : []
  return reason === undefined ? `${status}` : [status, reason, ...(code ? [code, message] : []), ...why].join(' ')
}

const unusable = (code: string, problem: string) =>
  `503 introspection_unavailable ${code} ${ENDPOINT}: the signed introspection response ${problem}`

describe('a signed response is used (I8, RFC 9701 §5)', () => {
  it.each<[string, Members, Members?]>([
    ['as it is', {}],
    ['for this resource', { aud: RESOURCE }],
    ['for several recipients, of which this client is one', { aud: ['https://other.example', CLIENT.clientId] }],
    ['a minute ago, within the tolerance for clocks', { iat: NOW - 90 }],
    ['a minute ahead', { iat: NOW + 90 }],
    ['that has not expired', { exp: NOW + 1 }],
    ['that has just expired', { exp: NOW - 29 }],
    ['with its type in full (RFC 7515 §4.1.9)', {}, { typ: 'application/Token-Introspection+JWT' }],
  ])('%s', async (_, members, parameters) => {
    expect(await outcomeOf(signed(header(parameters), claims(members), ES256))).toBe('200')
  })

  it('in white space', async () => {
    expect(await outcomeOf(`\n${signed(header(), claims(), ES256)}\n`)).toBe('200')
  })

  it('about a token that is not active', async () => {
    const response = signed(header(), claims({ token_introspection: { active: false } }), ES256)
    expect(await outcomeOf(response)).toBe('401 inactive')
  })
})

describe('a signed response is refused (I8, RFC 9701 §5, §8)', () => {
  const refused = async (problem: string, members: Members, parameters: Members = {}) =>
    expect(await outcomeOf(signed(header(parameters), claims(members), ES256))).toBe(
      unusable('shape', `is unusable: ${problem}`),
    )

  it.each([undefined, 'JWT', 'at+jwt', 'introspection+jwt', 'jwt'])('of type %j (§8.1)', async (typ) => {
    await refused('its typ is not token-introspection+jwt', {}, { typ })
  })

  it.each([undefined, `${ISSUER}/`, 'https://evil.example', [ISSUER]])('of the issuer %j', async (iss) => {
    await refused('it is from another issuer', { iss })
  })

  it.each([undefined, 'another-client', [], ['another-client'], `${CLIENT.clientId} `, { 0: CLIENT.clientId }])(
    'for %j',
    async (aud) => {
      await refused('it is meant for another recipient', { aud })
    },
  )

  it.each([undefined, NOW - 91, NOW + 91, String(NOW), null])('issued at %j: it may be a replay', async (iat) => {
    await refused('its iat is too old or in the future', { iat })
  })

  it.each([NOW - 30, 0, String(NOW + 60), null])('that expires at %j', async (exp) => {
    await refused('it has expired', { exp })
  })

  it.each(['application/json', 'application/jwt', 'text/plain', 'application/token-introspection+json'])(
    'as %s (§5)',
    async (type) => {
      expect(await outcomeOf(signed(header(), claims(), ES256), {}, type)).toBe(
        `503 introspection_unavailable content_type ${ENDPOINT}: the Content-Type of the response is not accepted`,
      )
    },
  )

  it('of an algorithm that the issuer does not use', async () => {
    const response = signed(header({ alg: 'PS256', kid: PS256.kid }), claims(), PS256)
    expect(await outcomeOf(response)).toBe('200')
    expect(await outcomeOf(response, { algorithms: ['ES256'] })).toBe(
      unusable('shape', 'is unusable: its algorithm is not accepted'),
    )
  })

  it('that is not a JWT, or is signed by no one', async () => {
    const none = signed(header({ alg: 'none' }), claims(), ES256).replace(/[^.]*$/, '')
    for (const response of ['', '{"active":true}', 'a.b.c', none])
      expect(await outcomeOf(response)).toBe(unusable('shape', 'is unusable: it is not a signed JWT'))
  })

  it('signed by another key under the name of ours', async () => {
    const stranger = createSigner('ES256', ES256.kid)
    expect(await outcomeOf(signed(header(), claims(), stranger))).toBe(
      unusable('shape', 'is unusable: its signature is invalid'),
    )
  })

  it('signed by a key that we do not know, which may be a new one', async () => {
    expect(await outcomeOf(signed(header({ kid: 'new' }), claims(), ES256))).toBe(
      unusable('network', 'cannot be verified: there is no key for it unknown_key'),
    )
  })

  it('with a response about the token in another place, or of the wrong shape', async () => {
    for (const members of [
      { token_introspection: undefined, active: true, aud: [CLIENT.clientId, RESOURCE] },
      { token_introspection: 'active' },
      { token_introspection: { active: 'true' } },
    ])
      expect(await outcomeOf(signed(header(), claims(members), ES256))).toContain(
        `503 introspection_unavailable shape ${ENDPOINT}: the introspection response is unusable: `,
      )
  })
})
