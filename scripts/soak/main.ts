import { argv, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { heapSlope, soak } from './soak.ts'

const { values } = parseArgs({
  args: argv.slice(2),
  options: { minutes: { type: 'string', default: '60' }, rate: { type: 'string', default: '100' } },
})
const [minutes, rate] = [Number(values.minutes), Number(values.rate)]
if (!(minutes > 0 && rate > 0)) throw new TypeError('--minutes and --rate must be positive numbers')

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
