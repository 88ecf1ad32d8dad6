import { randomUUID } from 'node:crypto'
import type { ClientCertificate } from 'bearward/testing'
import * as oauth from 'oauth4webapi'
import { startAuthorizationServer } from '../demo/authorization-server.ts'
import { type ApiCopy, PUBLIC_HOST, startCopies } from './api/copies.ts'
import { openUpdates, type Updates } from './api/updates.ts'
import { settingsFor } from './authorization-server.ts'
import { OAuthClient } from './client/oauth-client.ts'
import type { Registration } from './clients.ts'
import { peopleInFront } from './people/front.ts'
import { Trail } from './people/trail.ts'
import { createRevocations, protectionOf } from './protection.ts'
import { type Certificates, createCertificates } from './tls/certificates.ts'
import { openTokenEndpoint } from './tls/token-endpoint.ts'

/** Everything that runs besides the page. */
export interface Stage {
  /** The redirect URI, at the page's origin. */
  readonly origin: string
  readonly redirectUri: string
  readonly metadata: oauth.AuthorizationServer
  /** Permits clients to register (RFC 7591 §3). */
  readonly initialAccessToken: string
  readonly keys: unknown
  readonly apis: readonly ApiCopy[]
  /** Streams of the API. */
  readonly updates: Updates
  readonly certificates: Certificates
  /** The browser's exchanges with the authorization server. */
  readonly trail: Trail
  /** @param certificate authenticates the client instead of a secret */
  client(registration: Registration, certificate?: ClientCertificate): OAuthClient
  close(): Promise<void>
}

export const CALLBACK = '/callback'

/** Starts the servers for the page at this origin. */
export async function openStage(origin: string): Promise<Stage> {
  const redirectUri = `${origin}${CALLBACK}`
  const trail = new Trail()
  const certificates = await createCertificates(PUBLIC_HOST)
  const initialAccessToken = randomUUID()
  const closing: (() => Promise<void>)[] = []
  const close = async () => {
    await Promise.all(closing.map((end) => end()))
  }
  try {
    const secure = await openTokenEndpoint(certificates.authorizationServer)
    closing.push(secure.close)
    const updates = await openUpdates()
    closing.push(updates.close)
    const { issuer, stop } = await startAuthorizationServer(
      settingsFor({
        redirectUri,
        certificate: certificates.depot,
        tokenEndpoint: secure.url,
        initialAccessToken,
        logoutUri: updates.logoutUri,
      }),
      secure.beside(peopleInFront(origin, trail)),
    )
    closing.push(stop)
    const revoked = createRevocations()
    const protection = protectionOf(issuer, revoked)
    const apis = await startCopies(protection, certificates.api, closing)
    await updates.serve(protection, revoked)
    const metadata = await discover(issuer)
    return {
      origin,
      redirectUri,
      metadata,
      initialAccessToken,
      keys: await (await fetch(metadata.jwks_uri as string)).json(),
      apis,
      updates,
      certificates,
      trail,
      client: (registration, certificate) =>
        new OAuthClient(
          metadata,
          registration,
          certificate && { trusted: certificates.authorizationServer.cert, certificate },
        ),
      close,
    }
  } catch (thrown) {
    await close() // started servers must not keep the process alive
    throw thrown
  }
}

async function discover(issuer: string): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer)
  const response = await oauth.discoveryRequest(url, { [oauth.allowInsecureRequests]: true })
  return oauth.processDiscoveryResponse(url, response)
}
