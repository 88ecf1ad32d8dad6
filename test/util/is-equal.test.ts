import { expect, it } from 'vitest'
import { isEqual } from '../../src/util/is-equal.ts'

const load = () => undefined
const bytes = new Uint8Array(2)

it.each([
  [1, 1],
  [Number.NaN, Number.NaN],
  [undefined, undefined],
  [
    { a: [1, { b: null }], load },
    { load, a: [1, { b: null }] },
  ],
  [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  [{ bytes }, { bytes }],
])('%o equals %o', (one, other) => {
  expect(isEqual(one, other)).toBe(true)
})

it.each([
  [1, '1'],
  [null, undefined],
  [{}, []],
  [[], {}],
  [[1], [1, 2]],
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: undefined }, { b: undefined }],
  [{ a: 1 }, { a: 2 }],
  [{ toString: undefined }, { a: undefined }],
  [{ load: () => undefined }, { load: () => undefined }],
  [new Date(0), new Date(0)],
  [new Uint8Array(2), new Uint8Array(2)],
  [{}, null],
])('%o does not equal %o', (one, other) => {
  expect(isEqual(one, other)).toBe(false)
  expect(isEqual(other, one)).toBe(false)
})
