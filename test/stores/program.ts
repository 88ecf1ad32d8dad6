import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { createResourceServer, type IntrospectionOptions } from 'bearward'
import { redisStores } from 'bearward/redis'
import { IOREDIS, NODE_REDIS } from '../support/redis/clients.ts'
import { createLog, send, tally } from '../support/upstream/requests.ts'

/** The arguments of a child process. */
export interface Start {
  readonly library: 'node-redis' | 'ioredis'
  readonly redis: string
  readonly resource: string
  readonly issuer: string
  readonly introspection: IntrospectionOptions
  /** Introspected before it reports that it is ready, so that no connection is new later. */
  readonly first: string
}

/** Its report on each list of tokens: one line of JSON per line. */
export interface Report {
  readonly outcomes: Record<string, number>
  /** How often the store failed. */
  readonly faults: number
}

const start = JSON.parse(process.argv[2] ?? '') as Start
const { client, close } = await (start.library === 'ioredis' ? IOREDIS : NODE_REDIS).connect(start.redis)
const log = createLog()
const server = createResourceServer({
  resource: start.resource,
  issuer: { issuer: start.issuer, keys: null, introspection: start.introspection },
  stores: redisStores(client),
  onEvent: log.onEvent,
})

await send(server, start.first)
const lines = createInterface({ input: process.stdin })
lines.on('line', async (line) => {
  const before = log.of('store').length
  const outcomes = await Promise.all((JSON.parse(line) as string[]).map((token) => send(server, token)))
  const report: Report = { outcomes: tally(outcomes), faults: log.of('store').length - before }
  console.log(JSON.stringify(report))
})
console.log('ready')
await once(lines, 'close')
close()
