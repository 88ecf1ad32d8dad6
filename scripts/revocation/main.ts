// How long a revocation takes in several processes that share a Redis, while they serve requests, and the store is flushed,
// paused and killed; or what a large number of revocations costs one process.
//
//   npm run revocation -- --rate 2000
//   npm run revocation -- --entries 1000000
import { argv, exit, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { createClient } from 'redis'
import { startRedis } from '../redis-server.ts'
import { measureEntries } from './entries.ts'
import { EVENTS, measure, OTHER, type Result } from './measure.ts'

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    processes: { type: 'string', default: '4' },
    rate: { type: 'string', default: '2000' },
    entries: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (values.help) {
  stdout.write(`Usage: npm run revocation -- [options]

Starts processes of an API that share a Redis, revokes tokens in one of them, and reports when each process refuses them.
Needs redis-server. With --entries, it reports the memory and the cost per request of so many revocations instead.

  --processes <n>  how many processes (4)
  --rate <n>       requests a second of all processes (2000)
  --entries <n>    revocations in one process
`)
  exit()
}

function positive(name: 'processes' | 'rate' | 'entries'): number {
  const value = Number(values[name])
  if (!Number.isInteger(value) || value < 1) throw new TypeError(`--${name} must be a positive number; see --help`)
  return value
}

function print({ revocations, reports, rate }: Result): void {
  stdout.write(`${reports.length} processes, ${rate.toFixed(0)} requests a second\n\n`)
  stdout.write(
    '| the store before the revocation | milliseconds until the last request that a process permitted |\n|---|---|\n',
  )
  for (const { event, delays } of revocations) stdout.write(`| ${event} | ${delays.join(', ')} |\n`)
  const sum = (of: (report: (typeof reports)[number]) => number) => reports.reduce((all, one) => all + of(one), 0)
  const others = reports.flatMap(({ responses }) => Object.entries(responses[OTHER]?.counts ?? {}))
  const again = sum(({ responses }) => EVENTS.reduce((all, event) => all + (responses[event]?.permittedAgain ?? 0), 0))
  stdout.write(`
store calls: ${sum(({ storeCalls }) => storeCalls)}, in requests: ${sum((report) => report.storeCallsOfRequests)}
revoked tokens that were permitted again: ${again}
requests with another token: ${others.map(([outcome, count]) => `${count} × ${outcome}`).join(', ')}
`)
}

if (values.entries !== undefined) stdout.write(await measureEntries(positive('entries')))
else {
  const redis = await startRedis()
  if (!redis) throw new Error('redis-server is not installed')
  const store = {
    url: redis.url,
    pause: redis.hang,
    restart: () => redis.restart(200),
    async flush() {
      const client = createClient({ url: redis.url })
      await client.connect()
      await client.flushAll()
      client.destroy()
    },
  }
  try {
    print(await measure(store, positive('processes'), positive('rate')))
  } finally {
    redis.close()
  }
}
