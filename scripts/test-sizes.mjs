// The numbers that differ between `npm test` and `npm run test:exhaustive`, read from the calls of amount() in the tests.
//
//   npm run test:sizes
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../test', import.meta.url))
const CALL = /(?:const (\w+) = |(\w+): )?amount\(([\d_]+), ([\d_]+)\)/g

const rows = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .sort()
  .flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(CALL)].map(([, variable, member, full, quick]) => [
      `test/${name.replaceAll('\\', '/')}`,
      variable ?? member ?? '',
      quick.replaceAll('_', ','),
      full.replaceAll('_', ','),
    ]),
  )

console.log('| file | number | `npm test` | `npm run test:exhaustive` |')
console.log('|---|---|---:|---:|')
for (const row of rows) console.log(`| ${row.join(' | ')} |`)
