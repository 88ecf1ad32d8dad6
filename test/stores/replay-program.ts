import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { BearwardError, createResourceServer, type JsonWebKeySet, type ResourceRequest } from 'bearward'
import { redisStores } from 'bearward/redis'
import { IOREDIS, NODE_REDIS } from '../support/redis/clients.ts'

/** The arguments of a child process. */
export interface ReplayStart {
  readonly library: 'node-redis' | 'ioredis'
  readonly redis: string
  readonly resource: string
  readonly issuer: string
  readonly keys: JsonWebKeySet
  readonly token: string
}

/** Its report on each list of proofs: one line of JSON, with `good` or a reason for each proof. */
export type ReplayReport = readonly string[]

const start = JSON.parse(process.argv[2] ?? '') as ReplayStart
const { client, close } = await (start.library === 'ioredis' ? IOREDIS : NODE_REDIS).connect(start.redis)
const server = createResourceServer({
  resource: start.resource,
  issuer: { issuer: start.issuer, keys: start.keys },
  // However slow the machine is, no proof becomes too old to be a replay.
  dpop: { mode: 'require', maxAge: 3600 },
  stores: { replay: redisStores(client).replay },
})

async function outcomeOf(proof: string): Promise<string> {
  const request: ResourceRequest = {
    native: {},
    method: 'GET',
    target: '/orders',
    authorization: [`DPoP ${start.token}`],
    contentType: undefined,
    headers: (name) => (name === 'dpop' ? [proof] : []),
  }
  try {
    await server.authenticate(request)
    return 'good'
  } catch (thrown) {
    if (thrown instanceof BearwardError) return thrown.reason
    throw thrown
  }
}

/** Concurrent requests of a busy server. */
const AT_A_TIME = 50

async function outcomesOf(proofs: readonly string[]): Promise<ReplayReport> {
  const outcomes: string[] = []
  for (let at = 0; at < proofs.length; at += AT_A_TIME) {
    outcomes.push(...(await Promise.all(proofs.slice(at, at + AT_A_TIME).map(outcomeOf))))
  }
  return outcomes
}

const lines = createInterface({ input: process.stdin })
lines.on('line', async (line) => console.log(JSON.stringify(await outcomesOf(JSON.parse(line) as string[]))))
console.log('ready')
await once(lines, 'close')
close()
