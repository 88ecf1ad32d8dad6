import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { AccessToken, GuardLike, ResourceServer, ResourceServerOptions } from 'bearward'
import type { TlsServing } from '../tls/tls.ts'

/** The functions that every adapter returns, for any type of middleware. */
export interface Bound<Middleware> {
  protect(...guards: readonly GuardLike[]): Middleware
  optionalAuth(...guards: readonly GuardLike[]): Middleware
  requireScope(...scopes: readonly [string, ...string[]]): Middleware
  requireAnyScope(...scopes: readonly [string, ...string[]]): Middleware
}

/** A route of the orders API, independent of the framework. */
export interface Route {
  readonly path: string
  readonly methods?: readonly ('GET' | 'POST' | 'PUT' | 'DELETE')[]
  /** The middlewares of the route, in order. */
  use<Middleware>(bound: Bound<Middleware>): readonly Middleware[]
  /** The router of the route, with its own middlewares. */
  readonly router?: {
    readonly prefix: string
    use<Middleware>(bound: Bound<Middleware>): readonly Middleware[]
  }
}

/** The body of the 200 response of every handler. */
export interface Reached {
  readonly route: string
  readonly subject: string | null
  readonly client: string | null
  readonly scopes: readonly string[] | null
  readonly issuer: string | null
  readonly boundBy: string | null
  readonly claims: unknown
}

/** A running API. */
export interface App {
  readonly name: string
  readonly port: number
  readonly server: ResourceServer
  /** The routes whose handler ran, in order. */
  readonly reached: string[]
  close(): Promise<void>
}

export interface AppOptions {
  readonly options: ResourceServerOptions
  readonly routes: readonly Route[]
  /** Default: no TLS. */
  readonly tls?: TlsServing | undefined
  /** Gets what reaches the error path of the framework, which then goes on. */
  readonly onError?: ((error: unknown) => void) | undefined
}

export function reachedBy(route: string, token: AccessToken | undefined): Reached {
  return {
    route,
    subject: token?.subject ?? null,
    client: token?.clientId ?? null,
    scopes: token?.scopes ?? null,
    issuer: token?.issuer ?? null,
    boundBy: token?.boundBy ?? null,
    claims: token?.claims ?? null,
  }
}

/** Opens a socket for a listener of Node's HTTP server. */
export async function serve(
  name: string,
  listener: RequestListener,
  parts: Pick<App, 'server' | 'reached'>,
  tls?: TlsServing,
): Promise<App> {
  const http = tls ? createTlsServer({ ...tls }, listener) : createServer(listener)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    name,
    ...parts,
    port: (http.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        parts.server.close()
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
}
