import { expect } from 'vitest'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { bearward } from './command.ts'

export interface Finding {
  readonly level: 'ok' | 'note' | 'problem'
  readonly area: string
  readonly message: string
  readonly fix?: string
}

interface CommandInput {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** The findings, which must be the same in text and JSON. */
export async function findingsOf(issuer: string, { args = [], env = {}, input = '' }: CommandInput = {}) {
  const all = ['doctor', '--issuer', issuer, '--resource', RESOURCE, ...args]
  const forPrograms = await bearward([...all, '--json'], { env, input })
  expect(forPrograms.stderr).toBe('')
  const { findings, problems } = JSON.parse(forPrograms.stdout) as { findings: readonly Finding[]; problems: number }
  const found = findings.filter(({ level }) => level === 'problem')
  expect(problems).toBe(found.length)
  expect(forPrograms.code).toBe(found.length > 0 ? 1 : 0)
  for (const { fix } of found) expect(fix).toMatch(/\S/)
  return { findings, found, code: forPrograms.code }
}

/** Fails unless there is exactly one problem, in this area. */
export async function theOne(area: string, issuer: string, options?: CommandInput): Promise<Finding> {
  const { found, code } = await findingsOf(issuer, options)
  expect(found).toHaveLength(1)
  expect({ area: found[0]?.area, code }).toEqual({ area, code: 1 })
  return found[0] as Finding
}
