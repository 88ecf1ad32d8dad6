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

describe('what is laid beside an object', () => {
  for (const [what, make] of Object.entries(OBJECTS)) {
    it(`is found again, replaced, and seen by nobody else: ${what}`, () => {
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

  it('belongs to the object itself: neither copies nor heirs nor proxies of it have it', () => {
    const ours = createPrivateState<string>()
    const object = { a: 1 }
    ours.set(object, 'value')
    for (const other of [{ ...object }, Object.create(object) as object, new Proxy(object, {})]) {
      expect(ours.get(other)).toBeUndefined()
    }
  })
})
