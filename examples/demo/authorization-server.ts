import { createServer, type RequestListener } from 'node:http'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Configuration, Provider } from 'oidc-provider'
import { hangUp, listen } from './listen.ts'
import { withoutNotices } from './without-notices.ts'

/** A real authorization server on loopback: oidc-provider, with key rotation and an off switch. */
export interface AuthorizationServer {
  readonly issuer: string
  /** Signs with a new key. The old keys stay published, because tokens signed with them are still in use. */
  addKey(): Promise<void>
  /** Publishes only the newest key. */
  withdrawOldKeys(): void
  /** Closes the socket: connections are refused. */
  stop(): Promise<void>
  /** Listens again, on the same port. */
  start(): Promise<void>
}

/** The provider's configuration for the current keys. */
export type Settings = (keys: readonly JWK[]) => Configuration

/** Handles requests itself, or passes them to the provider. */
export type Front = (provider: Provider) => RequestListener

const noFront: Front = (provider) => provider.callback()

export async function startAuthorizationServer(
  configuration: Settings,
  front: Front = noFront,
): Promise<AuthorizationServer> {
  const { Provider } = await withoutNotices(() => import('oidc-provider'))

  let keys = [await createKey()]
  let serve: RequestListener
  // The indirection keeps the socket, and so the issuer, while the provider is replaced.
  const listener = createServer((request, response) => serve(request, response))
  const issuer = await listen(listener)
  const port = Number(new URL(issuer).port)

  /** A provider reads its keys only once, so new keys need a new provider. Clients hold the JWTs: nothing is lost. */
  const publish = () => {
    serve = front(withoutNotices(() => new Provider(issuer, configuration(keys))))
  }
  publish()

  return {
    issuer,
    async addKey() {
      keys = [await createKey(), ...keys] // the provider signs with the first suitable key
      publish()
    },
    withdrawOldKeys() {
      keys = keys.slice(0, 1)
      publish()
    },
    stop: () => hangUp(listener),
    async start() {
      await listen(listener, port)
    },
  }
}

export const ALGORITHM = 'ES256'

let created = 0

async function createKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  return { ...(await exportJWK(privateKey)), kid: `key-${++created}`, alg: ALGORITHM, use: 'sig' }
}
