import type { CheckResult, Inspection } from '../../src/inspect/index.ts'
import { visible, visibleName, visibleValue } from '../visible.ts'

/** An inspection as text for a terminal. */
export function inspectionText(inspection: Inspection): string {
  const { title, length, header, claims, times, checks } = inspection
  const words = new Map(times.map((time) => [time.claim, time.words]))
  const sections = [
    `${title}\n${length} characters, not shown`,
    header && table('Header', members(header)),
    claims && table('Claims', members(claims, words)),
    checks.length > 0 && table('Checks', checks.map(row)),
    conclusionOf(inspection),
  ]
  return `${sections.filter(Boolean).join('\n\n')}\n`
}

type Row = readonly [name: string, value: string, note?: string | undefined]

function members(object: Readonly<Record<string, unknown>>, words?: ReadonlyMap<string, string>): readonly Row[] {
  return Object.entries(object).map(([name, value]) => [visibleName(name), visibleValue(value), words?.get(name)])
}

const MARKS = { met: '+', refused: '-', open: '?' } as const

function row({ check, outcome, words, reason, claim }: CheckResult): Row {
  return [
    `${MARKS[outcome]} ${check}`,
    outcome === 'refused'
      ? `would be refused (${reason}${claim ? `, ${claim}` : ''}); expected: ${words}`
      : visible(words),
  ]
}

function table(title: string, rows: readonly Row[]): string {
  const width = rows.reduce((widest, [name]) => Math.max(widest, name.length), 0)
  const lines = rows.map(([name, value, note]) => `  ${name.padEnd(width)}  ${value}${note ? `   ${note}` : ''}`)
  return [title, ...lines].join('\n')
}

function conclusionOf({ kind, refusal }: Inspection): string {
  if (kind === 'opaque') return 'Only its authorization server can verify it: use bearward doctor.'
  const role = kind === 'dpop_proof' ? 'As a proof' : 'As an access token'
  if (refusal) return `${role}, it would be refused: ${refusal.description} (${refusal.reason}).`
  return `${role}, it passes all checks that were possible.`
}
