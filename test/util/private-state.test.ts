import { describe, expect, it } from 'vitest'
import { createPrivateState } from '../../src/util/private-state.ts'

const OBJECTS: Readonly<Record<string, () => object>> = {
  'an object': () => ({}),
  'a frozen object': () => Object.freeze({}),
  'a sealed object': () => Object.seal({ a: 1 }),
  'an object without prototype': () => Object.create(null) as object,
  'an instance of a class of the runtime': () => new Request('https://api.example.com'),
  'a proxy': () => new Proxy({}, {}),
}

describe('private state of an object', () => {
  for (const [what, make] of Object.entries(OBJECTS)) {
    it(`can be read and replaced, and is invisible from outside: ${what}`, () => {
      const [ours, theirs] = [createPrivateState<string>(), createPrivateState<string>()]
      const object = make()
      const before = Reflect.ownKeys(object)
      expect(ours.get(object)).toBeUndefined()
      ours.set(object, 'first')
      ours.set(object, 'second')
      expect(ours.get(object)).toBe('second')
      expect(theirs.get(object)).toBeUndefined()
      expect(ours.get(make())).toBeUndefined()
      expect(Reflect.ownKeys(object)).toEqual(before)
    })
  }

  it('belongs to the object itself: copies, derived objects and proxies do not have it', () => {
    const ours = createPrivateState<string>()
    const object = { a: 1 }
    ours.set(object, 'value')
    for (const other of [{ ...object }, Object.create(object) as object, new Proxy(object, {})]) {
      expect(ours.get(other)).toBeUndefined()
    }
  })
})
