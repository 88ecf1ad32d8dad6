import { createServer, type RequestListener } from 'node:http'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Configuration, Provider } from 'oidc-provider'
import { hangUp, listen } from './listen.ts'
import { withoutNotices } from './without-notices.ts'

/** A real authorization server on loopback: oidc-provider, with keys that can be changed and a switch to turn it off. */
export interface AuthorizationServer {
  readonly issuer: string
  /** Signs with a new key from now on. The old ones stay published, since tokens signed with them are still about. */
  addKey(): Promise<void>
  /** Publishes the newest key only. */
  withdrawOldKeys(): void
  /** Closes the socket: connections are refused. */
  stop(): Promise<void>
  /** Listens again, at the same place. */
  start(): Promise<void>
}

/** Its keys are new with each start; the rest is up to who starts it. */
export type Settings = (keys: readonly JWK[]) => Configuration

/** Answers requests itself, or leaves them to the provider. */
export type Front = (provider: Provider) => RequestListener

const nobodyInFront: Front = (provider) => provider.callback()

export async function startAuthorizationServer(
  configuration: Settings,
  front: Front = nobodyInFront,
): Promise<AuthorizationServer> {
  const { Provider } = await withoutNotices(() => import('oidc-provider'))

  let keys = [await createKey()]
  let serve: RequestListener
  // The indirection keeps the socket, and with it the issuer, while the provider behind it is replaced.
  const listener = createServer((request, response) => serve(request, response))
  const issuer = await listen(listener)
  const port = Number(new URL(issuer).port)

  /** A provider reads its keys once; new keys take a new provider. Nothing is lost, because JWTs are kept by clients. */
  const publish = () => {
    serve = front(withoutNotices(() => new Provider(issuer, configuration(keys))))
  }
  publish()

  return {
    issuer,
    async addKey() {
      keys = [await createKey(), ...keys] // it signs with the first that fits
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

let made = 0

async function createKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  return { ...(await exportJWK(privateKey)), kid: `key-${++made}`, alg: ALGORITHM, use: 'sig' }
}
