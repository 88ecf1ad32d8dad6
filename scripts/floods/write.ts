// Writes the table of docs/floods.md: what one sender of made-up requests costs. Exits with 1 if a row is out of bounds.
//
//   npm run floods
import { writeTable } from '../write-table.ts'
import { type Measured, measure, percent } from './flood.ts'
import { FLOODS } from './floods.ts'

const PAGE = 'docs/floods.md'
const SECONDS = 30

/** For each 100 made-up requests. The page must not change with each run. */
function perHundred(count: number, sent: number): string {
  const ratio = (count * 100) / sent
  return ratio === 0 ? '0' : ratio < 1 ? '< 1' : String(Math.round(ratio))
}

function row({ name, outcomes, seen, fresh, caused, entries, sent }: Measured): readonly string[] {
  const byCount = Object.entries(outcomes).sort(([, a], [, b]) => b - a)
  return [
    name,
    byCount.map(([outcome]) => outcome.replace(/ (\w+)$/, ' `$1`')).join(', '),
    percent(seen),
    percent(fresh),
    perHundred(caused.requests, sent),
    perHundred(caused.lookups, sent),
    perHundred(entries, sent),
  ]
}

const COLUMNS = [
  'made-up requests',
  'responses',
  'good tokens served: seen before',
  'new',
  'requests to the issuer',
  'lookups',
  'cache entries',
]

const results = await Promise.all(FLOODS.map((flood) => measure(flood, SECONDS)))
const lines = [COLUMNS, COLUMNS.map((_, index) => (index < 2 ? '---' : '--:')), ...results.map(row)]
const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
writeTable(PAGE, 'npm run floods', table)
const problems = results.flatMap((result) => result.problems)
console.log(`${table}\n\n${problems.length === 0 ? 'Every row is within bounds.' : problems.join('\n')}`)
process.exitCode = problems.length === 0 ? 0 : 1
