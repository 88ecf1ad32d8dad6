// What several processes ask of one authorization server and one Redis: a model of it, next to what 1, 2, 4 and 8 real
// processes ask, in requests and calls a second.
//
//   npm run scale -- --seconds 20
import { argv, exit, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { type Measured, measure } from './measure.ts'
import { type Fleet, type Upstream, upstreamOf } from './model.ts'

const { values } = parseArgs({
  args: argv.slice(2),
  options: { seconds: { type: 'string', default: '20' }, help: { type: 'boolean', short: 'h' } },
})
if (values.help) {
  stdout.write(`Usage: npm run scale -- [options]

Starts 1, 2, 4 and 8 processes of an API, without and with shared stores, and compares what they ask of the authorization
server and of Redis with a model. Needs redis-server.

  --seconds <n>  how long each is measured (20)
`)
  exit()
}
const seconds = Number(values.seconds)
if (!(seconds > 0)) throw new TypeError('--seconds must be a positive number; see --help')

/** Short lifetimes, so that enough happens in seconds. */
const FLEET: Fleet = {
  processes: 1,
  jwtRequests: 80,
  opaqueRequests: 80,
  keySets: 5,
  keyLifetime: 3,
  opaqueTokens: 20,
  active: 2,
  shared: false,
  revocations: false,
}

const COLUMNS: readonly (readonly [keyof Upstream, string])[] = [
  ['keySetFetches', 'key sets'],
  ['introspections', 'introspections'],
  ['responseStoreCalls', 'calls of the response store'],
  ['revocationStoreCalls', 'calls of the revocation store'],
]

function row({ fleet, ...measured }: Measured): string {
  const model = upstreamOf(fleet)
  const cells = COLUMNS.map(([name]) => `${measured[name].toFixed(1)} (${model[name].toFixed(1)})`)
  return `| ${fleet.processes} | ${fleet.shared ? 'shared' : 'alone'} | ${cells.join(' | ')} |\n`
}

stdout.write(`| processes | stores | ${COLUMNS.map(([, title]) => title).join(' | ')} |\n`)
stdout.write(`|${'---|'.repeat(COLUMNS.length + 2)}\n`)
for (const shared of [false, true]) {
  for (const processes of [1, 2, 4, 8]) {
    const measured = await measure({ ...FLEET, processes, shared, revocations: shared }, seconds)
    stdout.write(row(measured))
    for (const failure of measured.failures) stdout.write(`refused: ${failure}\n`)
    if (measured.failures.length > 0) process.exitCode = 1
  }
}
