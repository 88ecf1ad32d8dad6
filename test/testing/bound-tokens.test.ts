import { createResourceServer, type ResourceRequest } from 'bearward'
import {
  BAD_PROOFS,
  type BadProof,
  createClientCertificate,
  createDpopClient,
  createTestIssuer,
  type DpopClient,
  expectChallenge,
  type TestIssuer,
} from 'bearward/testing'
import { beforeAll, describe, expect, it } from 'vitest'

const RESOURCE = 'https://api.example.com'
const REQUEST = { method: 'GET', url: `${RESOURCE}/orders?page=2` }

let issuer: TestIssuer
let client: DpopClient
beforeAll(async () => {
  issuer = await createTestIssuer({ resource: RESOURCE })
  client = await createDpopClient({ clock: issuer.clock.now })
})

const request = (headers: Readonly<Record<string, string>>, certificate?: Uint8Array): ResourceRequest => ({
  native: {},
  method: 'GET',
  target: '/orders?page=2',
  authorization: [headers.authorization ?? ''],
  contentType: undefined,
  headers: (name) => (headers[name] === undefined ? [] : [headers[name]]),
  certificate: () => certificate,
})

/** The response to a refused request, `undefined` if it was accepted. */
async function refusal(sent: ResourceRequest, binding: 'dpop' | 'mtls', server = serverFor(binding)) {
  try {
    await server.authenticate(sent)
    return undefined
  } catch (thrown) {
    return (thrown as { toResponse(): Response }).toResponse()
  }
}

const serverFor = (binding: 'dpop' | 'mtls') =>
  createResourceServer({ ...issuer.introspectingOptions, [binding]: 'accept' })

describe('a DPoP client (RFC 9449)', () => {
  it.each(['a JWT', 'an opaque token'])('gets access with %s that is bound to its key', async (kind) => {
    const bound = { cnf: client.confirmation }
    const token = kind === 'a JWT' ? await issuer.jwt(bound) : issuer.opaque(bound)
    expect(await refusal(request(await client.headers({ ...REQUEST, token })), 'dpop')).toBeUndefined()
    const asBearer = await refusal(request({ authorization: `Bearer ${token}` }), 'dpop')
    expectChallenge(asBearer as Response, { error: 'invalid_token', reason: 'confirmation' })
  })

  it('uses the given clock', async () => {
    issuer.clock.advance(3600)
    const token = await issuer.jwt({ cnf: client.confirmation })
    expect(await refusal(request(await client.headers({ ...REQUEST, token })), 'dpop')).toBeUndefined()
    issuer.clock.advance(-3600)
  })

  it.each(['ES256', 'PS256', 'Ed25519'])('signs with %s', async (alg) => {
    const other = await createDpopClient({ alg })
    const token = await issuer.jwt({ cnf: other.confirmation })
    expect(await refusal(request(await other.headers({ ...REQUEST, token })), 'dpop')).toBeUndefined()
  })

  it('retries with the nonce that a server requires', async () => {
    const nonce = { secret: 'x'.repeat(32) }
    const server = createResourceServer({ ...issuer.options, dpop: { nonce } })
    const token = await issuer.jwt({ cnf: client.confirmation })
    const first = await refusal(request(await client.headers({ ...REQUEST, token })), 'dpop', server)
    expectChallenge(first as Response, { error: 'use_dpop_nonce' })
    const issued = first?.headers.get('dpop-nonce') ?? ''
    const second = request(await client.headers({ ...REQUEST, token, nonce: issued }))
    expect(await refusal(second, 'dpop', server)).toBeUndefined()
  })

  for (const [name, reason] of Object.entries(BAD_PROOFS) as [
    BadProof,
    Exclude<(typeof BAD_PROOFS)[BadProof], 'no_credentials'>,
  ][]) {
    it(`the bad proof ${name} is refused: ${reason}`, async () => {
      const token = await issuer.jwt({ cnf: client.confirmation })
      const headers = { authorization: `DPoP ${token}`, dpop: await client.badProof(name, { ...REQUEST, token }) }
      expectChallenge((await refusal(request(headers), 'dpop')) as Response, { error: 'invalid_dpop_proof', reason })
    })
  }

  it('the same proof twice is a replay', async () => {
    const server = serverFor('dpop')
    const token = await issuer.jwt({ cnf: client.confirmation })
    const headers = await client.headers({ ...REQUEST, token })
    expect(await refusal(request(headers), 'dpop', server)).toBeUndefined()
    const again = await refusal(request(headers), 'dpop', server)
    expectChallenge(again as Response, { error: 'invalid_dpop_proof', reason: 'proof_replayed' })
  })

  it('a proof of another client is refused', async () => {
    const thief = await createDpopClient()
    const token = await issuer.jwt({ cnf: client.confirmation })
    const response = await refusal(request(await thief.headers({ ...REQUEST, token })), 'dpop')
    expectChallenge(response as Response, { error: 'invalid_token', scheme: 'DPoP', reason: 'confirmation' })
  })

  it('an unknown name is a mistake in the test', async () => {
    await expect(client.badProof('odl' as BadProof, REQUEST)).rejects.toThrow('there is no bad proof "odl"')
  })
})

describe('a client certificate (RFC 8705)', () => {
  it('gets access with a token bound to it, and no other certificate does', async () => {
    const [mine, other] = [await createClientCertificate(), await createClientCertificate()]
    const authorization = `Bearer ${await issuer.jwt({ cnf: mine.confirmation })}`
    expect(await refusal(request({ authorization }, mine.der), 'mtls')).toBeUndefined()
    for (const certificate of [other.der, undefined]) {
      const response = await refusal(request({ authorization }, certificate), 'mtls')
      expectChallenge(response as Response, { error: 'invalid_token', reason: 'confirmation' })
    }
  })
})
