import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export const RESOURCE = 'https://api.example.com'

/** A key pair with its public half as it stands in a key set. */
export interface SigningKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

let made = 0

export async function createSigningKey(alg = 'RS256', kid = `key-${++made}`): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/**
 * An authorization server as far as a resource server sees it: metadata and a key set on a real socket, and tokens
 * signed by hand, so that a test can make them as wrong as it likes. What it answers can be replaced at any time.
 */
export interface TestIssuer {
  readonly url: string
  /** The keys it publishes; change the list to rotate. */
  keys: SigningKey[]
  /** Answers the key set; replace it to misbehave. */
  onKeys: Handler
  /** Answers the metadata document; replace it to misbehave. */
  onMetadata: Handler
  /** How often each was asked. */
  readonly hits: { metadata: number; keys: number; other: number }
  /** A good token, with claims and header members laid over it; a member that is `undefined` is left out. */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: SigningKey): Promise<string>
  /** Publishes one new key beside or instead of the present ones and signs with it from now on. */
  rotate(options?: { keepOld?: boolean; alg?: string }): Promise<SigningKey>
  /** Closes the socket: connections are refused from now on. */
  stop(): Promise<void>
  /** Listens on the same port again. */
  start(): Promise<void>
}

export async function createTestIssuer(options: { alg?: string; path?: string } = {}): Promise<TestIssuer> {
  const keys = [await createSigningKey(options.alg)]
  const hits = { metadata: 0, keys: 0, other: 0 }
  const server: Server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path.includes('/.well-known/openid-configuration')) {
      hits.metadata++
      issuer.onMetadata(request, response)
    } else if (path.endsWith('/jwks')) {
      hits.keys++
      issuer.onKeys(request, response)
    } else {
      hits.other++
      response.writeHead(404).end()
    }
  })
  let port = 0
  const start = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port
        resolve()
      })
    })
  await start()
  const url = `http://127.0.0.1:${port}${options.path ?? ''}`
  const issuer: TestIssuer = {
    url,
    keys,
    hits,
    onKeys: (_request, response) => json(response, { keys: issuer.keys.map(({ jwk }) => jwk) }),
    onMetadata: (_request, response) => json(response, { issuer: url, jwks_uri: `${url}/jwks` }),
    sign(claims = {}, header = {}, key = issuer.keys.at(-1) as SigningKey) {
      const now = Math.floor(Date.now() / 1000)
      const payload = {
        iss: url,
        aud: RESOURCE,
        sub: 'user-1',
        client_id: 'client-1',
        jti: crypto.randomUUID(),
        iat: now,
        exp: now + 300,
        scope: 'read:orders',
        ...claims,
      }
      // JSON drops members that are undefined, which is how a test leaves one out.
      const clean = JSON.parse(JSON.stringify(payload)) as Record<string, unknown>
      const protectedHeader = JSON.parse(JSON.stringify({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })) as {
        alg: string
      }
      return new SignJWT(clean).setProtectedHeader(protectedHeader).sign(key.privateKey)
    },
    async rotate({ keepOld = false, alg = issuer.keys.at(-1)?.alg } = {}) {
      const next = await createSigningKey(alg)
      issuer.keys = keepOld ? [...issuer.keys, next] : [next]
      return next
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    start,
  }
  return issuer
}

export function json(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
