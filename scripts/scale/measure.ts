import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createTestIssuer, type TestIssuer } from 'bearward/testing'
import { startRedis } from '../redis-server.ts'
import type { Counts, FromProcess, ToProcess } from './messages.ts'
import type { Fleet, Upstream } from './model.ts'

export interface Measured extends Upstream {
  /** The fleet with the traffic that it really had: a busy machine sends less. */
  readonly fleet: Fleet
  /** Requests that were refused, by their message. */
  readonly failures: readonly string[]
}

const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/**
 * Runs the processes of a fleet against an authorization server, and a Redis if the fleet has shared stores, and counts
 * what they ask. The count starts once all caches are filled.
 *
 * @throws {Error} if the fleet needs Redis and it is not installed
 */
export async function measure(fleet: Fleet, seconds: number): Promise<Measured> {
  const redis = fleet.shared || fleet.revocations ? await startRedis() : undefined
  if (!redis && (fleet.shared || fleet.revocations)) throw new Error('redis-server is not installed')
  const issuers = await Promise.all(
    Array.from({ length: fleet.keySets }, () =>
      createTestIssuer({
        server: createServer(),
        client: { method: 'client_secret_basic', clientId: 'api', clientSecret: 'secret'.repeat(8) },
      }),
    ),
  )
  const children: ChildProcess[] = []
  try {
    const task = await taskFor(fleet, issuers, redis?.url)
    await Promise.all(Array.from({ length: fleet.processes }, () => startProcess(task, children)))
    await wait(fleet.keyLifetime + fleet.active)
    for (const issuer of issuers) issuer.requests.reset()
    const before = await countsOf(children)
    const start = performance.now()
    await wait(seconds)
    const asked = { keys: sum(issuers, 'keys'), introspection: sum(issuers, 'introspection') }
    const elapsed = (performance.now() - start) / 1000
    const after = await countsOf(children)
    const perSecond = (name: keyof Counts) => (after.counts[name] - before.counts[name]) / elapsed
    return {
      fleet: { ...fleet, jwtRequests: perSecond('jwt'), opaqueRequests: perSecond('opaque') },
      failures: after.failures,
      keySetFetches: asked.keys / elapsed,
      introspections: asked.introspection / elapsed,
      responseStoreCalls: perSecond('responseStore'),
      revocationStoreCalls: perSecond('revocationStore'),
    }
  } finally {
    for (const child of children) child.kill()
    await Promise.all(issuers.map((issuer) => issuer.stop()))
    redis?.close()
  }
}

const sum = (issuers: readonly TestIssuer[], part: 'keys' | 'introspection') =>
  issuers.reduce((total, issuer) => total + issuer.requests[part], 0)

async function taskFor(fleet: Fleet, issuers: readonly TestIssuer[], redis: string | undefined): Promise<ToProcess> {
  const [first] = issuers as [TestIssuer]
  return {
    issuers: issuers.map(({ issuer }) => issuer),
    resource: first.resource,
    client: first.client,
    redis: redis === undefined ? undefined : { url: redis, responses: fleet.shared, revocations: fleet.revocations },
    keyLifetime: fleet.keyLifetime,
    active: fleet.active,
    jwts: await Promise.all(issuers.map((issuer) => issuer.jwt())),
    opaqueTokens: Array.from({ length: fleet.opaqueTokens }, () => first.opaque()),
    jwtRequests: fleet.jwtRequests / fleet.processes,
    opaqueRequests: fleet.opaqueRequests / fleet.processes,
  }
}

async function startProcess(task: ToProcess, children: ChildProcess[]): Promise<void> {
  const child = fork('scripts/run-typescript.mjs', ['--source', 'scripts/scale/api-process.ts'], { execArgv: [] })
  children.push(child)
  child.send(task)
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a process of the API ended with status ${code}`)
  })
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [FromProcess]
  ended.catch(() => undefined) // when it is killed
  if (message.type !== 'ready') throw new Error(message.failures.join('\n'))
}

async function countsOf(children: readonly ChildProcess[]) {
  const replies = await Promise.all(
    children.map(async (child) => {
      const reply = once(child, 'message')
      child.send('count')
      const [message] = (await reply) as [FromProcess & { readonly type: 'counts' }]
      return message
    }),
  )
  const total = (name: keyof Counts) => replies.reduce((all, { counts }) => all + counts[name], 0)
  return {
    counts: {
      jwt: total('jwt'),
      opaque: total('opaque'),
      responseStore: total('responseStore'),
      revocationStore: total('revocationStore'),
    },
    failures: [...new Set(replies.flatMap(({ failures }) => failures))],
  }
}
