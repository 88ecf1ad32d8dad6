/** One compared property. */
export type Compared = readonly [name: string, actual: unknown, expected: unknown]

/**
 * The error of a failed expectation. Test runners recognize an assertion by its name, `code` and members, and then show
 * `actual` and `expected` side by side.
 */
class AssertionError extends Error {
  override readonly name = 'AssertionError'
  readonly code = 'ERR_ASSERTION'
  readonly generatedMessage = false
  /** An operator of `node:assert`: jest builds its message from it. */
  readonly operator: 'deepStrictEqual' | 'fail'
  readonly actual: unknown
  readonly expected: unknown

  constructor(message: string, operator: AssertionError['operator'], actual: unknown, expected: unknown) {
    super(message)
    this.operator = operator
    this.actual = actual
    this.expected = expected
  }
}

/** Not standard. Where the runtime has it, the stack starts at the failed test. */
const STACKS = Error as { captureStackTrace?: (error: Error, above: unknown) => void }

type Expectation = (...args: never[]) => unknown

/** @throws {AssertionError} always */
export function fail(message: string, actual: unknown, above: Expectation): never {
  return raise(new AssertionError(message, 'fail', actual, undefined), above)
}

function raise(error: AssertionError, above: Expectation): never {
  STACKS.captureStackTrace?.(error, above)
  throw error
}

/**
 * Compares row by row.
 *
 * @param hint the last line of the message
 * @param above the stack starts at this function's caller
 * @throws {AssertionError} a row differs
 */
export function compare(title: string, rows: readonly Compared[], hint: string, above: Expectation): void {
  const differing = rows.filter(([, actual, expected]) => actual !== expected)
  if (differing.length === 0) return
  const lines = differing.map(
    ([name, actual, expected]) => `  ${name}: ${display(actual)}, expected ${display(expected)}`,
  )
  const message = [`${title}:`, ...lines, ...(hint === '' ? [] : [`  ${hint}`])].join('\n')
  const column = (index: 1 | 2) => Object.fromEntries(rows.map((row) => [row[0], row[index]]))
  raise(new AssertionError(message, 'deepStrictEqual', column(1), column(2)), above)
}

const display = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value))

/**
 * A misspelled member would change nothing, so that a test would check less than it says.
 *
 * @throws {TypeError}
 */
export function requireKnown(name: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((member) => !known.includes(member))
  if (unknown !== undefined) throw new TypeError(`${name}() has no option "${unknown}"; it has ${known.join(', ')}`)
}
