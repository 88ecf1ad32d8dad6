import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../..', import.meta.url))

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The tracked files that match, such as `.github/workflows/*.yml`, and those that git would add. */
export function listFiles(pattern: string): readonly string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', pattern]
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)
}

export const readYaml = (path: string): unknown => parse(readText(path))

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

export interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly uses?: string
  readonly 'timeout-minutes'?: number
  readonly steps?: readonly Step[]
}

interface Workflow {
  readonly path: string
  readonly text: string
  readonly permissions?: unknown
  readonly on: Readonly<Record<string, unknown>>
  readonly jobs: Readonly<Record<string, Job>>
}

export const WORKFLOWS: readonly Workflow[] = listFiles('.github/workflows/*.yml').map((path) => ({
  ...(readYaml(path) as Omit<Workflow, 'path' | 'text'>),
  path,
  text: readText(path),
}))
