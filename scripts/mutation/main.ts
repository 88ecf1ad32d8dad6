// Changes the code of a folder in every small way that Stryker knows, and runs tests on each change. One that no test notices
// is printed, and counted in docs/mutation.md.
//
//   npm run mutation -- src/http
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { argv, exit, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import type { LogLevel } from '@stryker-mutator/api/core'
import { Stryker } from '@stryker-mutator/core'
import { DECLARATIONS, FOLDERS, type Folder, LEFT_OUT } from './folders.ts'
import { type Count, writeRow } from './page.ts'
import { isEquivalent } from './survivors.ts'

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' }, concurrency: { type: 'string', default: '1' } },
})
if (values.help) {
  stdout.write(`Usage: npm run mutation -- [options] [folder or file ...]

Changes the code of a folder in every small way (mutants), and runs its tests on each. Prints the mutants that no test notices,
and writes the counts into docs/mutation.md. Details are in build/mutation/.

Folders (all, if none is named): ${FOLDERS.map(({ path }) => path).join(', ')}

  --concurrency <n>  processes that run tests (1)
`)
  exit()
}

const places = positionals.length > 0 ? positionals : FOLDERS.map(({ path }) => path)
const runs = places.map((place) => {
  const folder = FOLDERS.find(({ path }) => place === path || place.startsWith(`${path}/`))
  if (!folder) throw new TypeError(`${place} is in none of the folders; see --help`)
  return { place, folder }
})

type Result = Awaited<ReturnType<Stryker['runMutationTest']>>[number]

function mutate(place: string, folder: Folder): Promise<Result[]> {
  // Stryker hands its environment down to the processes that run tests.
  process.env.BEARWARD_MUTATION_TESTS = folder.tests.join(' ')
  process.env.BEARWARD_MUTATION_LEFT_OUT = LEFT_OUT.join('|')
  const name = place.replaceAll('/', '-')
  return new Stryker({
    mutate: place === folder.path ? [`${place}/**/*.ts`, ...DECLARATIONS] : [place],
    plugins: [resolve('scripts/mutation/runner.mjs')],
    testRunner: 'in-process',
    coverageAnalysis: 'perTest',
    concurrency: Number(values.concurrency),
    // Each evaluation of a bundle stays in memory.
    maxTestRunnerReuse: 100,
    // A busy machine must not count as a killed mutant. Endless loops end by their number of rounds.
    timeoutMS: 60_000,
    disableTypeChecks: false,
    ignorePatterns: [
      '/*',
      ...['src', 'adapters', 'testing', 'test', 'docs', 'package.json', 'tsconfig.json'].map((path) => `!/${path}`),
    ],
    tempDirName: 'build/mutation/sandbox',
    reporters: ['progress-append-only', 'html'],
    htmlReporter: { fileName: `build/mutation/${name}.html` },
    allowConsoleColors: false,
    logLevel: 'warn' as LogLevel,
  }).runMutationTest()
}

/** The code that a mutant replaces. Lines and columns begin with 1. */
function codeAt(file: string, { start, end }: Result['location']): string {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line)
  const last = lines.length - 1
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1)
  lines[0] = (lines[0] ?? '').slice(start.column - 1)
  return lines.join('\n')
}

function countOf(results: readonly Result[]): Count {
  const count = { killed: 0, equivalent: 0, survived: 0 }
  for (const { status, fileName, location, replacement = '' } of results) {
    if (status === 'Killed' || status === 'Timeout') count.killed++
    if (status !== 'Survived' && status !== 'NoCoverage') continue
    const file = relative('.', fileName)
    const before = codeAt(file, location)
    if (isEquivalent(file, before, replacement)) {
      count.equivalent++
      continue
    }
    count.survived++
    const why = status === 'NoCoverage' ? 'no test runs' : 'no test notices'
    stdout.write(`\n${why} ${file}:${location.start.line}\n- ${before}\n+ ${replacement}\n`)
  }
  return count
}

for (const { place, folder } of runs) {
  stdout.write(`${place}\n`)
  const count = countOf(await mutate(place, folder))
  stdout.write(`\n${place}: ${count.killed} killed, ${count.equivalent} equivalent, ${count.survived} survived\n`)
  writeRow(place, count)
}
