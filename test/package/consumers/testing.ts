import { createServer } from 'node:http'
import { createResourceServer, type ResourceServer } from 'bearward'
import {
  BAD_TOKENS,
  createDpopClient,
  createTestIssuer,
  expectChallenge,
  fetchOf,
  type TestIssuer,
} from 'bearward/testing'

export async function servers(): Promise<readonly ResourceServer[]> {
  const issuer = await createTestIssuer({ server: createServer(), claims: { scope: 'read:orders' } })
  const other: TestIssuer = await createTestIssuer({ issuer: 'https://other.test' })
  return [
    createResourceServer(issuer.options),
    createResourceServer(issuer.introspectingOptions),
    createResourceServer({
      resource: issuer.resource,
      issuer: [issuer.issuer, other.issuer],
      fetch: fetchOf(issuer, other),
    }),
  ]
}

export async function expectations(issuer: TestIssuer, response: Response): Promise<void> {
  const client = await createDpopClient({ clock: issuer.clock.now })
  await issuer.jwt({ cnf: client.confirmation })
  await issuer.bad('alg_none')
  expectChallenge(response, { error: 'insufficient_scope', scope: ['read:orders'] })
  expectChallenge({ statusCode: 401, headers: { 'www-authenticate': 'Bearer' } })
  BAD_TOKENS.expired.startsWith('e')

  // @ts-expect-error: a misspelt name.
  await issuer.bad('expird')

  // @ts-expect-error: not an error code of bearward.
  expectChallenge(response, { error: 'insufficient_scop' })

  // @ts-expect-error: not a response of the test issuer.
  issuer.respondWith('sleepy')
}
