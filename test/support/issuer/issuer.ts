import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createTestIssuer as createKitIssuer, createSigningKey, type SigningKey } from 'bearward/testing'

export { createSigningKey, type SigningKey }

export const RESOURCE = 'https://api.example.com'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/**
 * The issuer of the test kit on a real socket, so that tests can replace its responses at any time with anything that a
 * socket can carry.
 */
export interface TestIssuer {
  readonly url: string
  /** The keys it publishes; change the list to rotate. */
  keys: SigningKey[]
  /** Responds with the key set; replace it to misbehave. */
  onKeys: Handler
  /** Responds with the metadata document; replace it to misbehave. */
  onMetadata: Handler
  /** The number of requests to each. */
  readonly hits: { metadata: number; keys: number; other: number }
  /** A good token, with overrides of claims and header members; `undefined` omits a member. */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: SigningKey): Promise<string>
  /** Publishes a new key, beside or instead of the current ones, and signs with it from now on. */
  rotate(options?: { keepOld?: boolean; alg?: string }): Promise<SigningKey>
  /** Closes the socket: connections are refused from now on. */
  stop(): Promise<void>
  /** Listens on the same port again. */
  start(): Promise<void>
}

export async function createTestIssuer({ alg = 'RS256', path = '' } = {}): Promise<TestIssuer> {
  const hits = { metadata: 0, keys: 0, other: 0 }
  const server = createServer((request, response) => {
    const target = request.url ?? ''
    if (target.includes('/.well-known/openid-configuration')) {
      hits.metadata++
      issuer.onMetadata(request, response)
    } else if (target.endsWith('/jwks')) {
      hits.keys++
      issuer.onKeys(request, response)
    } else {
      hits.other++
      response.writeHead(404).end()
    }
  })
  const kit = await createKitIssuer({ server, alg, path, resource: RESOURCE, claims: { scope: 'read:orders' } })
  const url = kit.issuer
  const issuer: TestIssuer = {
    url,
    hits,
    get keys() {
      return kit.keys
    },
    set keys(keys) {
      kit.keys = keys
    },
    onKeys: kit.listener,
    // Without an introspection endpoint: tests that need one have it on a separate socket.
    onMetadata: (_request, response) => json(response, { issuer: url, jwks_uri: `${url}/jwks` }),
    sign: kit.jwt,
    rotate: kit.rotate,
    stop: kit.stop,
    start: kit.start,
  }
  return issuer
}

export function json(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
