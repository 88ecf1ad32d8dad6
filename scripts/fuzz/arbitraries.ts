import fc from 'fast-check'

export type Json = Readonly<Record<string, unknown>>

/** Values that parsers and comparisons get wrong. */
const VALUES: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  '',
  ' ',
  '*',
  'true',
  '0',
  '\u0000',
  'é',
  '__proto__',
  'constructor',
  0,
  -1,
  0.5,
  1e9,
  2e9,
  2 ** 53,
  1e308,
  [],
  [[]],
  [null],
  {},
  { length: 1 },
  'x'.repeat(5000),
  Array.from({ length: 500 }, () => 'a'),
]

/** A value of any form: a tricky one, one that is right elsewhere, or arbitrary JSON. */
const valueLike = (right: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constantFrom(...VALUES),
    fc.constantFrom(...right),
    fc.constantFrom(...right).map((value) => [value]),
    fc.constantFrom(...right).map((value) => (typeof value === 'string' ? `${value} ` : value)),
    fc.jsonValue({ maxDepth: 3 }),
  )

/** The object with some members replaced, removed or added. `undefined` removes one. */
export function changedObject(object: Json, others: Json = {}): fc.Arbitrary<Json> {
  const right = [...Object.values(object), ...Object.values(others)]
  const names = [...Object.keys(object), ...Object.keys(others), '__proto__', 'constructor', 'toString', '']
  const change = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...names), valueLike(right)) },
    { weight: 1, arbitrary: fc.constantFrom(...Object.entries(others), ['', '']) },
  )
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    const entries = new Map([...Object.entries(object), ...changes] as [string, unknown][])
    return Object.fromEntries([...entries].filter(([, value]) => value !== undefined))
  })
}

type Edit = readonly [
  kind: 'insert' | 'delete' | 'replace' | 'repeat' | 'cut',
  at: number,
  length: number,
  text: string,
]

/** The text with a few edits, or none. */
export function changedText(text: string): fc.Arbitrary<string> {
  const edit: fc.Arbitrary<Edit> = fc.tuple(
    fc.constantFrom('insert', 'delete', 'replace', 'repeat', 'cut'),
    fc.nat({ max: Math.max(0, text.length - 1) }),
    fc.integer({ min: 1, max: 20 }),
    fc.oneof(
      fc.constantFrom('"', ',', ';', '=', ':', '.', ' ', '\t', '\n', '\r', '\u0000', '%', '%00', '\\', '\\"', '+', '/'),
      fc.string({ minLength: 1, maxLength: 5, unit: 'binary' }),
      fc.base64String({ minLength: 4, maxLength: 8 }),
    ),
  )
  return fc.array(edit, { maxLength: 3 }).map((edits) => edits.reduce(apply, text))
}

function apply(text: string, [kind, at, length, other]: Edit): string {
  const [before, here, after] = [text.slice(0, at), text.slice(at, at + length), text.slice(at + length)]
  if (kind === 'insert') return before + other + here + after
  if (kind === 'delete') return before + after
  if (kind === 'replace') return before + other + after
  if (kind === 'repeat') return before + here + here + after
  return before
}
