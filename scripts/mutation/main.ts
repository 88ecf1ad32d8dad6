// Changes the code of a folder in every small way that Stryker knows, and runs tests on each change. One that no test notices
// is printed, and counted in docs/mutation.md.
//
//   npm run mutation -- src/http
import { resolve } from 'node:path'
import { argv, exit, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import type { LogLevel } from '@stryker-mutator/api/core'
import { Stryker } from '@stryker-mutator/core'
import { DECLARATIONS, FOLDERS, type Folder, LEFT_OUT } from './folders.ts'
import { writeRow } from './page.ts'
import {
  countOf,
  lastResults,
  type MutantResult,
  merged,
  patternsAgain,
  type Results,
  resultsOf,
  save,
} from './results.ts'

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    again: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '1' },
  },
})
if (values.help) {
  stdout.write(`Usage: npm run mutation -- [options] [folder or file ...]

Changes the code of a folder in every small way (mutants), and runs its tests on each. Prints the mutants that no test notices,
and writes the counts into docs/mutation.md. Details are in build/mutation/.

Folders (all, if none is named): ${FOLDERS.map(({ path }) => path).join(', ')}

  --again            only what survived the last run and is not explained, and files that have changed since
  --concurrency <n>  processes that run tests (1)
`)
  exit()
}

const isIn = (path: string, folder: string): boolean => path.startsWith(`${folder}/`)
const outermost = FOLDERS.filter(({ path }) => !FOLDERS.some((other) => isIn(path, other.path)))
const foldersIn = (place: string): readonly string[] =>
  FOLDERS.map(({ path }) => path).filter((path) => isIn(path, place))

const places = positionals.length > 0 ? positionals : outermost.map(({ path }) => path)
const runs = places
  .flatMap((place) => [place, ...foldersIn(place)])
  .map((place) => {
    const folder = FOLDERS.findLast(({ path }) => place === path || isIn(place, path))
    if (!folder) throw new TypeError(`${place} is in none of the folders; see --help`)
    return { place, folder }
  })

function mutate(place: string, folder: Folder, patterns: readonly string[]): Promise<MutantResult[]> {
  // Stryker hands its environment down to the processes that run tests.
  process.env.BEARWARD_MUTATION_TESTS = folder.tests.join(' ')
  process.env.BEARWARD_MUTATION_LEFT_OUT = LEFT_OUT.join('|')
  const name = place.replaceAll('/', '-')
  return new Stryker({
    mutate: [...patterns],
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

const patternsOf = (place: string): readonly string[] =>
  place.endsWith('.ts')
    ? [place]
    : [
        `${place}/**/*.ts`,
        ...DECLARATIONS,
        ...foldersIn(place).map((path) => (path.endsWith('.ts') ? `!${path}` : `!${path}/**`)),
      ]

async function resultsAt(place: string, folder: Folder): Promise<Results> {
  const last = values.again ? lastResults(place) : undefined
  const patterns = last ? patternsAgain(last) : patternsOf(place)
  const results = resultsOf(patterns.length > 0 ? await mutate(place, folder, patterns) : [])
  return last ? merged(last, results) : results
}

for (const { place, folder } of runs) {
  stdout.write(`${place}\n`)
  const results = await resultsAt(place, folder)
  save(place, results)
  const count = countOf(results)
  stdout.write(`\n${place}: ${count.killed} killed, ${count.equivalent} equivalent, ${count.survived} survived\n`)
  writeRow(place, count)
}
