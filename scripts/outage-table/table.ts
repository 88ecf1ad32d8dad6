// What callers see while an introspection endpoint misbehaves, as a Markdown table; exits with 1 if a row is out of
// bounds. Uses the built package with its default options.
//
//   npm run outage
// Inside of the package, so that it finds the package by its own name.
import { createResourceServer, type ResourceServer } from 'bearward'
import {
  CLIENT,
  createIntrospectingIssuer,
  type IntrospectingIssuer,
  opaqueToken,
} from '../../test/support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../../test/support/issuer/issuer.ts'
import { createUntrustedServer } from '../../test/support/tls/untrusted-server.ts'
import { WRONG_RESPONSES } from '../../test/support/upstream/faults.ts'
import { silent, withoutNames } from '../../test/support/upstream/fetch.ts'
import { send } from '../../test/support/upstream/requests.ts'
import { createUnreachablePort } from '../../test/support/upstream/unreachable.ts'

/** A fault of the endpoint's responses, or of the way to it. */
interface Fault {
  readonly name: string
  readonly reply?: IntrospectingIssuer['endpoint']['reply']
  /** Replaces the origin of the endpoint, or the fetch that goes there. */
  readonly origin?: string
  readonly fetch?: typeof fetch
}

interface Row {
  readonly name: string
  readonly status: string
  readonly first: number
  readonly firstCalls: number
  readonly fiveCalls: number
  readonly later: number
  readonly laterCalls: number
  readonly afterwards: string
  /** Requests to places that the endpoint redirected to. */
  readonly strays: number
  readonly problem: string | undefined
}

/** The default in milliseconds, and the tolerance for a busy machine. */
const DEADLINE = 2000
const GRACE = 1000
const LATER = 50
const ABREAST = 6

/** These faults do not open the circuit breaker, so that later tokens still cause requests. */
const STILL_ASKED = [
  'responds 404',
  // For 5 s.
  'responds 500',
  // A single token may cause these, which must not block all others.
  'sends without end',
  'sends 64 MiB as 60 KiB of gzip',
  'sends 64 MiB as a few bytes of brotli',
]

const unreachable = await createUnreachablePort()
const untrusted = await createUntrustedServer()

const FAULTS: readonly Fault[] = [
  ...Object.entries(WRONG_RESPONSES).map(([name, { respond }]) => ({ name, reply: respond })),
  { name: 'connection refused', origin: 'http://127.0.0.1:1' },
  { name: 'connect time-out', origin: unreachable.url },
  { name: 'an untrusted certificate', origin: untrusted.url },
  { name: 'a name that does not resolve', origin: 'http://auth.invalid', fetch: withoutNames },
  { name: 'a fetch that never responds', fetch: silent },
]

async function measure(fault: Fault): Promise<Row> {
  const auth = await createIntrospectingIssuer()
  const { endpoint, issuer } = auth
  let calls = 0
  let broken = true
  const server: ResourceServer = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: issuer.url, introspection: { endpoint: endpoint.url, client: CLIENT } },
    fetch: (input, init) => {
      calls++
      if (!broken) return fetch(input, init)
      const url = fault.origin === undefined ? input : String(input).replace(endpoint.origin, fault.origin)
      return (fault.fetch ?? fetch)(url, init)
    },
  })
  const token = auth.opaque()
  if (fault.reply) endpoint.reply = fault.reply
  const first = await send(server, token)
  const firstCalls = calls
  await Promise.all(Array.from({ length: 4 }, () => send(server, opaqueToken())))
  const fiveCalls = calls
  const later = []
  for (let round = 0; round < LATER; round++) later.push(await send(server, opaqueToken()))
  const laterCalls = calls - fiveCalls
  const wait = server.state().issuers[0]?.introspection?.retryIn ?? 0
  endpoint.reply = endpoint.respondByToken
  broken = false
  // The endpoint requested a longer pause. Do not wait for it.
  let afterwards = `after ${Math.ceil(wait)} s`
  if (wait < 2) {
    await new Promise((resolve) => setTimeout(resolve, wait * 1000 + 50))
    // Another token: one that just failed is not the first to try whether the endpoint works again.
    afterwards = String((await send(server, auth.opaque())).status)
  }
  server.close()
  await auth.stop()
  const statuses = new Set([first, ...later].map(({ status }) => status))
  const times = later.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
  const row = {
    name: fault.name,
    status: [...statuses].join(', '),
    first: first.milliseconds,
    firstCalls,
    fiveCalls,
    later: times[Math.floor(LATER / 2)] as number,
    laterCalls,
    afterwards,
    strays: endpoint.strays.length,
  }
  return { ...row, problem: problemOf(row) }
}

function problemOf(row: Omit<Row, 'problem'>): string | undefined {
  if (row.status !== '503') return 'a status other than 503'
  if (row.first > DEADLINE + GRACE) return 'later than the deadline'
  if (row.strays > 0) return 'a redirect was followed'
  if (row.firstCalls > 2) return 'more than one retry'
  if (row.laterCalls > 0 && !STILL_ASKED.includes(row.name)) return 'requests while backing off'
  return /^(200|after .*)$/.test(row.afterwards) ? undefined : 'does not recover'
}

const milliseconds = (value: number): string => value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0)

console.log(`Defaults: a deadline of ${DEADLINE / 1000} s, and a pause after five consecutive failures.\n`)
const columns = [
  'the endpoint',
  'status',
  'first response, ms',
  'requests for it',
  'requests for 5 tokens',
  'response while backing off, ms',
  `requests for ${LATER} more tokens`,
  'afterwards',
]
console.log(`| ${columns.join(' | ')} |`)
console.log(`|${columns.map((_, index) => (index === 0 ? '---|' : '--:|')).join('')}`)
const problems: string[] = []
const rows: Row[] = []
// A few at a time: most of it is waiting.
for (let at = 0; at < FAULTS.length; at += ABREAST) {
  rows.push(...(await Promise.all(FAULTS.slice(at, at + ABREAST).map(measure))))
}
for (const row of rows) {
  const cells = [
    row.name,
    row.status,
    milliseconds(row.first),
    row.firstCalls,
    row.fiveCalls,
    milliseconds(row.later),
    row.laterCalls,
    row.afterwards,
  ]
  console.log(`| ${cells.join(' | ')} |`)
  if (row.problem) problems.push(`${row.name}: ${row.problem}`)
}
await unreachable.stop()
await untrusted.stop()
console.log(problems.length === 0 ? '\nEvery row is within bounds.' : `\nOut of bounds:\n${problems.join('\n')}`)
process.exitCode = problems.length === 0 ? 0 : 1
