import { runInNewContext } from 'node:vm'
import { createResourceServer, type ResourceServerOptions } from 'bearward'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { canary, everythingIn, expectClean } from '../support/canary/canary.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { createLog, requestWith } from '../support/upstream/requests.ts'

// Errors of HTTP libraries contain the whole request, with its credentials. What the application's own functions throw is
// in the state, in events and in the error of the request: its name, message and code, and nothing that is attached to it.

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

/** The runtime's own errors are of another realm where a test runner or a sandbox has its own `Error`. */
const REALMS: Readonly<Record<string, ErrorConstructor>> = { own: Error, other: runInNewContext('Error') }
let ErrorOfRealm = Error

/** An error as HTTP libraries make it, inside of another one. */
function failure(): Error {
  const config = { headers: { authorization: `Bearer ${canary()}` }, data: `client_secret=${canary()}` }
  const refused = Object.assign(new ErrorOfRealm('status 401'), {
    code: 'ERR_BAD_REQUEST',
    config,
    request: { config },
  })
  return Object.assign(new ErrorOfRealm('no token today', { cause: refused }), { config })
}

const rejects = () => Promise.reject(failure())
const throws = () => {
  throw failure()
}

const FUNCTIONS: Readonly<Record<string, (url: string) => Partial<ResourceServerOptions>>> = {
  'the token for introspection': (url) => ({
    issuer: {
      issuer: url,
      introspection: { endpoint: `${url}/introspect`, client: { method: 'bearer', token: rejects } },
    },
  }),
  'the key set': (url) => ({ issuer: { issuer: url, keys: { load: rejects } } }),
  'the options of an issuer': (url) => ({ issuer: { allow: [url], resolve: rejects } }),
  'the allow-list': () => ({ issuer: { allow: { has: rejects }, resolve: () => ({}) } }),
  'the allow-list, at once': () => ({ issuer: { allow: { has: throws }, resolve: () => ({}) } }),
  fetch: () => ({ fetch: rejects }),
}

const cases = Object.keys(REALMS).flatMap((realm) =>
  Object.entries(FUNCTIONS).map(([name, options]) => [name, realm, options] as const),
)

it.each(cases)(
  'what the function for %s throws is not passed on whole, %s realm (A5, N5)',
  async (name, realm, options) => {
    ErrorOfRealm = REALMS[realm] as ErrorConstructor
    const log = createLog()
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: issuer.url,
      onEvent: log.onEvent,
      ...options(issuer.url),
    })
    const token = name === 'the token for introspection' ? crypto.randomUUID() : await issuer.sign()
    const thrown: unknown = await Promise.resolve(server.authenticate(requestWith(token))).catch(
      (error: unknown) => error,
    )
    expect(thrown).toMatchObject({ status: 503 })
    for (const output of [thrown, log.events, server.state()]) expectClean(output)
    // What operators need is there.
    expect(everythingIn(thrown)).toContain('no token today')
    expect(everythingIn(thrown)).toContain('ERR_BAD_REQUEST')
  },
)
