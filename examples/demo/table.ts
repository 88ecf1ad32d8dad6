import { ALIGNED_WIDTH, alignedLayout, INDENT, stackedLayout } from './layouts.ts'
import type { Outcome } from './run.ts'
import { fold, foldWords, type Terminal } from './terminal.ts'

/** Prints results as they arrive. */
export interface Table {
  section(title: string): void
  /** An event between two requests. */
  event(text: string): void
  outcome(outcome: Outcome): void
}

/** Longer lines are hard to read, even on wide terminals. */
const MAX_COLUMNS = 120

export function tableOn(terminal: Terminal, frameworks: readonly string[]): Table {
  const { paint, print } = terminal
  const columns = Math.min(terminal.columns, MAX_COLUMNS)
  const layout = columns >= ALIGNED_WIDTH ? alignedLayout(frameworks, terminal) : stackedLayout(terminal)
  for (const line of layout.head) print(line)
  return {
    section(title) {
      print()
      print(paint('bold', title))
    },
    event(text) {
      for (const line of foldWords(text, columns - INDENT.length)) print(INDENT + paint('cyan', line))
    },
    outcome(outcome) {
      for (const line of layout.row(outcome)) print(line)
      for (const line of headersOf(outcome, columns - INDENT.length)) print(INDENT + paint('dim', line))
      for (const line of deviationsOf(outcome)) print(INDENT + paint('red', line))
    },
  }
}

/** The headers that matter to a client; printed once if they are the same everywhere. */
function headersOf({ observations }: Outcome, width: number): readonly string[] {
  const responses = observations.map(({ response }) => response)
  const challenges = new Set(responses.flatMap((response) => response.challenges))
  const pauses = new Set(responses.flatMap((response) => response.retryAfter ?? []))
  return [
    ...[...challenges].flatMap((challenge) => {
      const room = width - INDENT.length
      const [first = '', ...others] = fold(`WWW-Authenticate: ${challenge}`.split(', '), ', ', room)
      return [first, ...others.flatMap((line) => foldWords(line, room)).map((line) => INDENT + line)]
    }),
    ...[...pauses].map((seconds) => `Retry-After: ${seconds}`),
  ]
}

const deviationsOf = ({ observations }: Outcome): readonly string[] =>
  observations.flatMap(({ framework, deviations }) =>
    deviations.map((deviation) => `unexpected from ${framework}: ${deviation}`),
  )
