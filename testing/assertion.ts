/** A name, what was found, and what should have been. */
export type Compared = readonly [name: string, actual: unknown, expected: unknown]

/**
 * What a failed expectation throws: by its name, its `code` and its members, test runners know it for an assertion, and
 * show `actual` and `expected` side by side.
 */
class AssertionError extends Error {
  override readonly name = 'AssertionError'
  readonly code = 'ERR_ASSERTION'
  readonly generatedMessage = false
  /** One of those of `node:assert`: jest makes a sentence of it. */
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

/** Not a standard; where it is known, the stack begins at the test that failed. */
const STACKS = Error as { captureStackTrace?: (error: Error, above: unknown) => void }

type Expectation = (...given: never[]) => unknown

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
 * @param hint what stands below the difference
 * @param above the function whose caller is told
 * @throws {AssertionError} where a row differs
 */
export function compare(title: string, rows: readonly Compared[], hint: string, above: Expectation): void {
  const differing = rows.filter(([, actual, expected]) => actual !== expected)
  if (differing.length === 0) return
  const lines = differing.map(([name, actual, expected]) => `  ${name}: ${shown(actual)}, expected ${shown(expected)}`)
  const message = [`${title}:`, ...lines, ...(hint === '' ? [] : [`  ${hint}`])].join('\n')
  const column = (index: 1 | 2) => Object.fromEntries(rows.map((row) => [row[0], row[index]]))
  raise(new AssertionError(message, 'deepStrictEqual', column(1), column(2)), above)
}

const shown = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value))
