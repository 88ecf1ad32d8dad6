// A long run: an API under steady load while keys rotate, its issuer and its store fail, and clients disconnect. It prints
// what was wrong, and how the heap grew. Exits with 1 after a wrong response.
//
//   npm run soak -- --minutes 60 --rate 100
// Inside of the package, so that it finds the package by its own name.
import { argv, exit, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { heapSlope, soak } from './soak.ts'

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '100' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (values.help) {
  stdout.write(`Usage: npm run soak -- [options]

Runs an API under steady load while its keys, its authorization server and its store fail, and compares each response with
what it must be. Exits with 1 after a wrong response.

  --minutes <n>  how long (60)
  --rate <n>     requests a second (100)
`)
  exit()
}
const [minutes, rate] = [Number(values.minutes), Number(values.rate)]
if (!(minutes > 0 && rate > 0)) throw new TypeError('--minutes and --rate must be positive numbers; see --help')

const result = await soak({ seconds: minutes * 60, rate, onChapter: (name) => stdout.write(`${name}\n`) })

const rows: readonly (readonly [string, string | number])[] = [
  ['minutes', minutes],
  ['requests', result.requests],
  ['clients that disconnected', result.disconnected],
  ...Object.entries(result.chapters).map(([name, count]) => [name, count] as const),
  ['false accepts', result.falseAccepts.length],
  ['false refusals and other wrong responses', result.wrong.length],
  ['unhandled rejections and exceptions', result.unhandled.length],
  ['heap, first and last, MiB', `${result.heap[0]?.toFixed(1)}, ${result.heap.at(-1)?.toFixed(1)}`],
  ['heap slope, MiB an hour', heapSlope(result).toFixed(2)],
  ['handles, first and last', result.handles.join(', ')],
]
stdout.write(`\n| | |\n|---|---|\n${rows.map(([name, value]) => `| ${name} | ${value} |\n`).join('')}`)
if (!result.store) stdout.write('\nredis-server is not installed, so that there was no shared store.\n')
const failures = [...result.falseAccepts, ...result.wrong, ...result.unhandled]
for (const failure of new Set(failures)) stdout.write(`${failure}\n`)
if (failures.length > 0) process.exitCode = 1
