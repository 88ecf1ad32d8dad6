import { describe, expect, it } from 'vitest'
import { createPrivateState } from '../../src/util/private-state.ts'

const OBJECTS: Readonly<Record<string, () => object>> = {
  'an object': () => ({}),
  'a frozen object': () => Object.freeze({}),
  'a sealed object': () => Object.seal({ a: 1 }),
  'an object without prototype': () => Object.create(null) as object,
  'an instance of a class of the runtime': () => new Request('https://api.example.com'),
  'a proxy': () => new Proxy({}, {}),
  'a request of Node': () => ({ rawHeaders: ['Host', 'api.example.com'] }),
  'a request with a frozen list': () => ({ rawHeaders: Object.freeze([]) }),
  'a request with something else as list': () => ({ rawHeaders: 'none' }),
  'a request that creates its list when it is read': () => ({
    get rawHeaders() {
      return []
    },
  }),
  'a frozen request': () => Object.freeze({ rawHeaders: [] }),
  'a proxy that throws for members it does not know': () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('unknown member')
        },
      },
    ),
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
    for (const object of [{ a: 1 }, { rawHeaders: [] }, Object.freeze({ rawHeaders: [] })]) {
      ours.set(object, 'value')
      for (const other of [{ ...object }, Object.create(object) as object, new Proxy(object, {})]) {
        expect(ours.get(other)).toBeUndefined()
        ours.set(other, 'another')
        expect([ours.get(object), ours.get(other)]).toEqual(['value', 'another'])
      }
    }
  })

  it('is lost as well if the list of a copy is replaced', () => {
    const ours = createPrivateState<string>()
    const object = { rawHeaders: [] as string[] }
    const copy = { ...object }
    ours.set(object, 'value')
    ours.set(copy, 'another')
    copy.rawHeaders = []
    expect([ours.get(object), ours.get(copy)]).toEqual(['value', undefined])
  })

  it('is lost, and found nowhere else, if the list of a request is replaced', () => {
    const ours = createPrivateState<string>()
    const object: { rawHeaders: unknown } = { rawHeaders: [] }
    const other = { rawHeaders: object.rawHeaders }
    ours.set(object, 'value')
    object.rawHeaders = []
    expect([ours.get(object), ours.get(other)]).toEqual([undefined, undefined])
  })
})
