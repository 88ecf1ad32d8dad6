import { createResourceServer, type IssuerOptions, type ResourceServer, type ResourceServerOptions } from 'bearward'
import { afterEach, beforeEach } from 'vitest'
import {
  CLIENT,
  createIntrospectingIssuer,
  type IntrospectingIssuer,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { createLog } from '../support/upstream/requests.ts'

export type Introspection = NonNullable<IssuerOptions['introspection']>
export type Client = Introspection['client']
type Custom = Extract<NonNullable<IssuerOptions['introspect']>, { readonly check: unknown }>
export type IntrospectToken = Custom['check']
export type IntrospectContext = Parameters<IntrospectToken>[1]

/** An introspecting issuer, new for each test of a file, and servers that use it. */
export interface Bench extends IntrospectingIssuer {
  readonly log: ReturnType<typeof createLog>
  /** A server that uses the endpoint, with overrides for options of the introspection, the issuer and the server. */
  server(
    introspection?: Partial<Introspection>,
    issuer?: Partial<IssuerOptions>,
    options?: Partial<ResourceServerOptions>,
  ): ResourceServer
  /** A server whose tokens a function introspects. */
  verifying(
    verify: NonNullable<IssuerOptions['introspect']>,
    issuer?: Partial<IssuerOptions>,
    options?: Partial<ResourceServerOptions>,
  ): ResourceServer
}

/**
 * The fixtures of a test file, new for each test. Deadlines are generous, so that a busy machine does not time out;
 * tests that wait for a deadline set their own.
 */
export function useBench(): Bench {
  let current: IntrospectingIssuer
  let log: ReturnType<typeof createLog>
  let servers: ResourceServer[]
  beforeEach(async () => {
    current = await createIntrospectingIssuer()
    log = createLog()
    servers = []
  })
  afterEach(async () => {
    for (const server of servers) server.close()
    await current.stop()
  })
  const start = (issuer: Partial<IssuerOptions>, options: Partial<ResourceServerOptions>) => {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: current.issuer.url, ...issuer },
      onEvent: log.onEvent,
      ...options,
    })
    servers.push(server)
    return server
  }
  return {
    get issuer() {
      return current.issuer
    },
    get endpoint() {
      return current.endpoint
    },
    get log() {
      return log
    },
    opaque: (...args) => current.opaque(...args),
    stop: () => current.stop(),
    server: (introspection = {}, issuer = {}, options = {}) =>
      start(
        { introspection: { endpoint: current.endpoint.url, client: CLIENT, deadline: 5, ...introspection }, ...issuer },
        options,
      ),
    verifying: (verify, issuer = {}, options = {}) => start({ introspect: verify, ...issuer }, options),
  }
}

/** Concurrent requests. */
export const together = <T>(count: number, one: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => one(index)))

/** A wall clock for the `clock` option that a test can move both ways; in seconds. */
export function createWallClock() {
  let turned = 0
  return {
    now: () => Date.now() / 1000 + turned,
    turn: (seconds: number) => {
      turned += seconds
    },
  }
}

/** The last introspection stage in `state()`. */
export const introspectionOf = (server: ResourceServer, index = 0) => server.state().issuers[index]?.introspection
