import type { Row } from './requests.ts'
import type { Observation, Outcome } from './run.ts'
import { fold, type Style, type Terminal } from './terminal.ts'

/** How a row is printed, without the challenge below it. */
export interface Layout {
  readonly head: readonly string[]
  row(outcome: Outcome): readonly string[]
}

export const INDENT = '   '

const WIDTHS = { request: 30, expected: 22 } as const
const GAP = '  '

/** The columns {@link alignedLayout} needs for three frameworks and the longest reference. */
export const ALIGNED_WIDTH = 100

/** One line per row, in columns. */
export function alignedLayout(frameworks: readonly string[], { paint }: Terminal): Layout {
  const line = (request: string, expected: string, statuses: readonly string[], decidedBy: string) =>
    [request.padEnd(WIDTHS.request), expected.padEnd(WIDTHS.expected), ...statuses, decidedBy].join(GAP)
  return {
    head: [paint('bold', INDENT + line('request', 'expected', frameworks, 'decided by'))],
    row({ row, observations, asExpected }) {
      const statuses = observations.map((one) =>
        paint(styleOf(one), String(one.response.status).padEnd(one.framework.length)),
      )
      return [marked(asExpected, line(row.what, expectation(row), statuses, paint('dim', row.decidedBy)), paint)]
    },
  }
}

/** Several lines per row, for narrow terminals. */
export function stackedLayout({ paint, columns }: Terminal): Layout {
  return {
    head: [],
    row({ row, observations, asExpected }) {
      const details = [
        `expected ${expectation(row)}`,
        ...observations.map((one) => `${one.framework} ${paint(styleOf(one), String(one.response.status))}`),
        paint('dim', row.decidedBy),
      ]
      return [
        marked(asExpected, row.what, paint),
        ...fold(details, ', ', columns - INDENT.length).map((line) => INDENT + line),
      ]
    },
  }
}

const marked = (good: boolean, text: string, paint: Terminal['paint']): string =>
  (good ? paint('green', '✓') : paint('red', '✗')) + GAP + text

const styleOf = ({ deviations }: Observation): Style => (deviations.length > 0 ? 'red' : 'green')

const expectation = ({ expected: { status, error } }: Row): string => (error ? `${status} ${error}` : String(status))
