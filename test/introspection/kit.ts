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

/** One issuer that introspects, for each test of a file, and servers that ask it. */
export interface Bench extends IntrospectingIssuer {
  readonly log: ReturnType<typeof createLog>
  /** A server that asks the endpoint; options of the introspection, of the issuer and of the server are laid over it. */
  server(
    introspection?: Partial<Introspection>,
    issuer?: Partial<IssuerOptions>,
    options?: Partial<ResourceServerOptions>,
  ): ResourceServer
  /** A server whose tokens a function checks. */
  verifying(
    verify: NonNullable<IssuerOptions['introspect']>,
    issuer?: Partial<IssuerOptions>,
    options?: Partial<ResourceServerOptions>,
  ): ResourceServer
}

/**
 * The bench of a test file, made anew for each test. Deadlines are generous, so that a busy machine does not make a
 * good answer late; tests that wait for one set their own.
 */
export function useBench(): Bench {
  let made: IntrospectingIssuer
  let log: ReturnType<typeof createLog>
  let servers: ResourceServer[]
  beforeEach(async () => {
    made = await createIntrospectingIssuer()
    log = createLog()
    servers = []
  })
  afterEach(async () => {
    for (const server of servers) server.close()
    await made.stop()
  })
  const start = (issuer: Partial<IssuerOptions>, options: Partial<ResourceServerOptions>) => {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: made.issuer.url, ...issuer },
      onEvent: log.onEvent,
      ...options,
    })
    servers.push(server)
    return server
  }
  return {
    get issuer() {
      return made.issuer
    },
    get endpoint() {
      return made.endpoint
    },
    get log() {
      return log
    },
    opaque: (...given) => made.opaque(...given),
    stop: () => made.stop(),
    server: (introspection = {}, issuer = {}, options = {}) =>
      start(
        { introspection: { endpoint: made.endpoint.url, client: CLIENT, deadline: 5, ...introspection }, ...issuer },
        options,
      ),
    verifying: (verify, issuer = {}, options = {}) => start({ introspect: verify, ...issuer }, options),
  }
}

/** Several requests at once. */
export const together = <T>(count: number, one: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => one(index)))

/** A wall clock for the `clock` option that a test can turn both ways; in seconds. */
export function createWallClock() {
  let turned = 0
  return {
    now: () => Date.now() / 1000 + turned,
    turn: (seconds: number) => {
      turned += seconds
    },
  }
}

/** The last stage of introspection that `state()` tells of. */
export const introspectionOf = (server: ResourceServer, index = 0) => server.state().issuers[index]?.introspection
