import { createResourceServer, type RevocationStore } from 'bearward'
import { redisStores, revocationStore } from 'bearward/redis'
import { revocation } from 'bearward/revocation'
import { createClient } from 'redis'
import type { FromProcess, ToProcess } from './messages.ts'

// One process of the API. It verifies tokens at a given rate, and counts what it asks of the stores.

const send = (message: FromProcess) => process.send?.(message)
const counts = { jwt: 0, opaque: 0, responseStore: 0, revocationStore: 0 }
const failures = new Set<string>()

async function start({ issuers, resource, client, redis, keyLifetime, active, ...traffic }: ToProcess) {
  const connection = redis === undefined ? undefined : await createClient({ url: redis.url }).connect()
  const server = createResourceServer({
    resource,
    issuer: issuers.map((issuer, index) => ({
      issuer,
      jwksCache: { maxAge: keyLifetime },
      ...(index === 0 && { introspection: { client, cache: { active, inactive: active } } }),
    })),
    ...(connection && {
      stores: {
        ...(redis?.responses && { introspection: counted(redisStores(connection).introspection, 'responseStore') }),
        secret: 's'.repeat(32),
      },
    }),
    ...(connection &&
      redis?.revocations && {
        revocation: revocation({ store: counted<RevocationStore>(revocationStore(connection), 'revocationStore') }),
      }),
  })
  const verify = (kind: 'jwt' | 'opaque', token: string) => {
    counts[kind]++
    server.verify(token).catch((error) => failures.add(String(error)))
  }
  await server.ready()
  repeat(traffic.jwtRequests, () => verify('jwt', oneOf(traffic.jwts)))
  repeat(traffic.opaqueRequests, () => verify('opaque', oneOf(traffic.opaqueTokens)))
  send({ type: 'ready' })
}

/** Calls at random times, on average `rate` times a second. */
function repeat(rate: number, call: () => void): void {
  let next = performance.now()
  const schedule = () => {
    next += (-Math.log(1 - Math.random()) * 1000) / rate
    setTimeout(() => {
      call()
      schedule()
    }, next - performance.now())
  }
  schedule()
}

const oneOf = (tokens: readonly string[]): string => tokens[Math.floor(Math.random() * tokens.length)] as string

/** A store whose calls are counted. */
function counted<Store extends object>(store: Store, name: 'responseStore' | 'revocationStore'): Store {
  const count = (member: unknown) =>
    typeof member !== 'function'
      ? member
      : (...parameters: unknown[]) => {
          counts[name]++
          return member.apply(store, parameters)
        }
  return Object.fromEntries(Object.entries(store).map(([key, member]) => [key, count(member)])) as Store
}

process.on('message', (message: ToProcess | 'count') => {
  if (message === 'count') send({ type: 'counts', counts: { ...counts }, failures: [...failures] })
  else start(message).catch((error) => send({ type: 'counts', counts, failures: [String(error)] }))
})
