import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stdout } from 'node:process'
import type { Stryker } from '@stryker-mutator/core'
import type { Count } from './page.ts'
import { isEquivalent } from './survivors.ts'

export type MutantResult = Awaited<ReturnType<Stryker['runMutationTest']>>[number]

/** One change, and what became of it. */
export interface Change extends Pick<MutantResult, 'location' | 'status'> {
  readonly file: string
  readonly after: string
}

/** The changes of a folder or file, as of its last run. */
export interface Results {
  /** The digest of each file that was changed. */
  readonly digests: Readonly<Record<string, string>>
  readonly changes: readonly Change[]
}

export function resultsOf(mutants: readonly MutantResult[]): Results {
  const changes = mutants.map(({ fileName, location, replacement = '', status }) => ({
    file: relative('.', fileName),
    location,
    after: replacement,
    status,
  }))
  const files = new Set(changes.map(({ file }) => file))
  return { digests: Object.fromEntries([...files].map((file) => [file, digestOf(file)])), changes }
}

const digestOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

const isSurvivor = ({ status }: Change): boolean => status === 'Survived' || status === 'NoCoverage'

/** The code that a change replaces. Lines and columns begin with 1. */
function before({ file, location: { start, end } }: Change): string {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line)
  const last = lines.length - 1
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1)
  lines[0] = (lines[0] ?? '').slice(start.column - 1)
  return lines.join('\n')
}

const keyOf = ({ file, location: { start, end }, after }: Change): string =>
  [file, start.line, start.column, end.line, end.column, after].join(' ')

const hasChanged = ({ digests }: Results, file: string): boolean => digests[file] !== digestOf(file)

/** What to try again: the survivors that are not listed in survivors.ts, and files that are no longer the same. */
export function patternsAgain(last: Results): readonly string[] {
  const files = Object.keys(last.digests).filter((file) => hasChanged(last, file))
  const survivors = last.changes.filter((one) => isSurvivor(one) && !files.includes(one.file) && !isListed(one))
  // In a pattern, columns begin with 0.
  const ranges = survivors.map(
    ({ file, location: { start, end } }) => `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`,
  )
  return [...files, ...new Set(ranges)]
}

/** The last results, with those of another run of a part in their place. */
export function merged(last: Results, part: Results): Results {
  const tried = new Set(part.changes.map(keyOf))
  const kept = last.changes.filter((one) => !hasChanged(last, one.file) && !tried.has(keyOf(one)))
  return { digests: { ...last.digests, ...part.digests }, changes: [...kept, ...part.changes] }
}

const isListed = (change: Change): boolean => isEquivalent(change.file, before(change), change.after)

/** Prints each change that no test notices, and counts the others. */
export function countOf({ changes }: Results): Count {
  const count = { killed: 0, equivalent: 0, survived: 0 }
  for (const change of changes) {
    if (change.status === 'Killed' || change.status === 'Timeout') count.killed++
    if (!isSurvivor(change)) continue
    if (isListed(change)) {
      count.equivalent++
      continue
    }
    count.survived++
    const why = change.status === 'NoCoverage' ? 'no test runs' : 'no test notices'
    stdout.write(`\n${why} ${change.file}:${change.location.start.line}\n- ${before(change)}\n+ ${change.after}\n`)
  }
  return count
}

const pathOf = (place: string): string => `build/mutation/${place.replaceAll('/', '-')}.json`

export function save(place: string, results: Results): void {
  mkdirSync('build/mutation', { recursive: true })
  writeFileSync(pathOf(place), JSON.stringify(results))
}

/** `undefined` if there was no run before. */
export function lastResults(place: string): Results | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(place), 'utf8')) as Results
  } catch {
    return undefined
  }
}
