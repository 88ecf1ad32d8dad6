// Sends inputs that are nearly right, of every kind that a server reads, and compares each response with rules that are
// written independently. Exits with 1 after a wrong one, with the smallest input that causes it.
//
//   npm run fuzz -- --seconds 60
import { argv, exit, stdout, version } from 'node:process'
import { parseArgs } from 'node:util'
import { writeTable } from '../write-table.ts'
import { emptySent, fuzz, type Sent } from './fuzz.ts'
import { TARGETS } from './targets.ts'

const PAGE = 'docs/fuzzing.md'

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    seconds: { type: 'string' },
    inputs: { type: 'string' },
    record: { type: 'boolean', default: false },
    target: { type: 'string' },
    seed: { type: 'string' },
    path: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (values.help) {
  stdout.write(`Usage: npm run fuzz -- [options]

Sends tokens, requests, key sets, metadata, introspection responses, proofs, certificate headers and store records that are
nearly right. Each must be refused, or be good enough by rules that are written independently of the package.

  --seconds <n>   how long (60; with --inputs, as long as it takes)
  --inputs <n>    how many
  --record        write the result to ${PAGE}
  --target <name> only one kind: ${TARGETS.map(({ name }) => `"${name}"`).join(', ')}
  --seed <n>      the inputs of an earlier run
  --path <path>   with --seed and --target: only the input that failed
`)
  exit()
}
const maxInputs = positive('inputs', values.inputs) ?? Number.POSITIVE_INFINITY
const seconds = positive('seconds', values.seconds) ?? (values.inputs === undefined ? 60 : Number.POSITIVE_INFINITY)
const targets = TARGETS.filter(({ name }) => values.target === undefined || name === values.target)
if (targets.length === 0) throw new TypeError(`--target ${values.target} is unknown; see --help`)

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!(Number(text) > 0)) throw new TypeError(`--${name} must be a positive number; see --help`)
  return Number(text)
}

const BATCH = 200
const firstSeed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const end = performance.now() + seconds * 1000
const all = new Map<string, Sent>(targets.map(({ name }) => [name, emptySent(name)]))
const sentOf = ({ name }: { readonly name: string }) => all.get(name) as Sent
const total = () => [...all.values()].reduce((sum, { inputs }) => sum + inputs, 0)
let reportAt = performance.now() + 10_000

stdout.write(`seed ${firstSeed}\n`)
for (let batch = 0; performance.now() < end && total() < maxInputs; batch++) {
  // Each kind has the same share of the time: some are a hundred times slower than others.
  const target = targets.reduce((a, b) => (sentOf(b).milliseconds < sentOf(a).milliseconds ? b : a))
  const path = values.path === undefined ? {} : { path: values.path }
  const found = await fuzz(target, sentOf(target), { numRuns: BATCH, seed: firstSeed + batch, ...path })
  if (found) {
    stdout.write(`\n${found.target}: ${found.report}\n\nRun it again:\n`)
    stdout.write(`  npm run fuzz -- --target "${found.target}" --seed ${found.seed} --path ${found.path}\n`)
    process.exitCode = 1
    break
  }
  if (performance.now() > reportAt) {
    stdout.write(`${total()} inputs\n`)
    reportAt = performance.now() + 10_000
  }
  if (values.path !== undefined) break
}

const rows = [...all.values()].map(
  ({ name, inputs, accepted, slowest }) =>
    `| ${name} | ${inputs} | ${accepted} | ${slowest.milliseconds.toFixed(0)} ms | ${slowest.length} |`,
)
const table = `| inputs of | number | good enough, and accepted | slowest, CPU time | its length |
|---|--:|--:|--:|--:|
${rows.join('\n')}`
stdout.write(`\n${table}\n`)
if (values.record && process.exitCode === undefined) {
  const date = new Date().toISOString().slice(0, 10)
  const sentence = `${total()} inputs, beginning with seed ${firstSeed}, on ${date} with Node ${version}: none was accepted that must not be.`
  writeTable(PAGE, 'npm run fuzz -- --record', `${sentence}\n\n${table}`)
}
