import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createResourceServer, type ResourceServer } from 'bearward'
import { revocation } from 'bearward/revocation'
import { createTestIssuer } from 'bearward/testing'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const TOKENS = 1000
const REQUESTS = 20_000
const ROUNDS = 15
const MIB = 2 ** 20

/**
 * The memory of `count` revocations in one process, half of them by `jti` and half by `sub`, and the CPU time of a request with a
 * cached JWT that is not revoked, next to a server without the option `revocation`. Both serve in turns.
 *
 * @returns a table
 */
export async function measureEntries(count: number): Promise<string> {
  const issuer = await createTestIssuer({ server: createServer() })
  try {
    const revoked = revocation({ size: Math.max(count, 1) })
    const options = { resource: issuer.resource, issuer: issuer.issuer }
    const without = createResourceServer(options)
    const withThem = createResourceServer({ ...options, revocation: revoked })
    const tokens = await Promise.all(
      Array.from({ length: TOKENS }, (_, number) => issuer.jwt({ sub: `user-${number}`, jti: randomUUID() })),
    )
    const rows = [
      `| revocations | heap, MiB | bytes each | request without, µs | request with, µs |`,
      '|---|---|---|---|---|',
    ]
    const empty = heapNow()
    const row = async (entries: number) => {
      const heap = heapNow()
      const [bare, checked] = await compare([without, withThem], tokens)
      const each = entries === 0 ? '–' : ((heap - empty) / entries).toFixed(0)
      rows.push(`| ${entries} | ${(heap / MIB).toFixed(0)} | ${each} | ${bare} | ${checked} |`)
    }
    await row(0)
    const start = performance.now()
    for (let number = 0; number < count; number++)
      await revoked.revoke(number % 2 === 0 ? { jti: randomName() } : { sub: randomName() })
    const seconds = (performance.now() - start) / 1000
    await row(count)
    without.close()
    withThem.close()
    return `${rows.join('\n')}\n\n${((seconds / count) * 1e6).toFixed(1)} µs per revoke()\n`
  } finally {
    await issuer.stop()
  }
}

/** In one piece, as a name from JSON is. */
const randomName = (): string => randomBytes(18).toString('hex')

function heapNow(): number {
  for (let pass = 0; pass < 3; pass++) collect()
  return process.memoryUsage().heapUsed
}

/** CPU time in microseconds: the median of many rounds, in which the servers take turns. */
async function compare(servers: readonly ResourceServer[], tokens: readonly string[]): Promise<readonly string[]> {
  const rounds = servers.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, server] of servers.entries()) rounds[index]?.push(await timed(server, tokens))
  }
  return rounds.map((times) => (times.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0).toFixed(2))
}

async function timed(server: ResourceServer, tokens: readonly string[]): Promise<number> {
  const start = process.cpuUsage()
  for (let request = 0; request < REQUESTS; request++) {
    const authorization = [`Bearer ${tokens[request % tokens.length]}`]
    await server.authenticate({ native: {}, method: 'GET', target: '/', authorization, contentType: undefined })
  }
  const { user, system } = process.cpuUsage(start)
  return (user + system) / REQUESTS
}
