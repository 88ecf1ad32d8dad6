import { describe, expect, expectTypeOf, it } from 'vitest'
import { hintsIn } from '../../src/config/hints.ts'
import { optional, required, shape, withMembers } from '../../src/config/shape.ts'
import { list, number, oneOf, text } from '../../src/config/validate.ts'

const pause = shape({
  delay: optional(number(1, 60, 'seconds'), 2),
  maxDelay: ({ delay }: { readonly delay: number }) => optional(number(delay, 600, 'seconds'), Math.max(30, delay)),
})
const settings = shape(
  {
    name: required(text, 'what is it called?'),
    mode: optional(oneOf('off', 'on'), 'off'),
    size: optional(number(0, 9, 'things')),
    pause: optional(pause, {}),
  },
  'name',
)

describe('shape()', () => {
  it('returns a value for each member: what is given, or its default', () => {
    expect(settings({ name: 'a', size: 3 }, 'options')).toEqual({
      name: 'a',
      mode: 'off',
      size: 3,
      pause: { delay: 2, maxDelay: 30 },
    })
    expectTypeOf(settings).returns.toEqualTypeOf<{
      readonly name: string
      readonly mode: 'off' | 'on'
      readonly size: number | undefined
      readonly pause: { readonly delay: number; readonly maxDelay: number }
    }>()
  })

  it('returns frozen settings that share nothing with the options', () => {
    const given = { name: 'a', pause: { delay: 3 } }
    const returned = settings(given, 'options')
    given.pause.delay = 4
    expect(returned.pause.delay).toBe(3)
    expect([returned, returned.pause].every((one) => Object.isFrozen(one))).toBe(true)
  })

  it('lets a default and a range depend on the members before it', () => {
    expect(pause({ delay: 50 }, 'pause').maxDelay).toBe(50)
    expect(() => pause({ delay: 50, maxDelay: 40 }, 'pause')).toThrow(
      'option pause.maxDelay must be a number of seconds',
    )
  })

  it('lets a value other than an object stand for one member, and names the object', () => {
    expect(settings('a', 'it').name).toBe('a')
    expect(() => settings('', 'it')).toThrow('option it must be a string that is not empty')
  })

  it('names a missing member, and says what it is for', () => {
    expect(() => settings({}, 'options')).toThrow('option name is missing: what is it called?')
    expect(() => settings({ name: undefined }, 'it')).toThrow(/option it\.name is missing: .* environment variable/)
  })

  it('refuses undefined where a member can be left out', () => {
    expect(() => settings({ name: 'a', size: undefined }, 'options')).toThrow('Omit an optional member')
    expect(() => settings({ name: 'a', pause: undefined }, 'options')).toThrow('must be an object such as { delay: … }')
  })

  it('checks a default as if it were given', () => {
    const wrong = shape({ size: optional(number(0, 9, 'things'), 10) })
    expect(() => wrong({}, 'options')).toThrow('option size must be a number of things, from 0 to 9; got 10')
  })

  it('reads each member once', () => {
    let reads = 0
    const given = {
      get name() {
        reads++
        return 'a'
      },
    }
    settings(given, 'options')
    expect(reads).toBe(1)
  })

  it('refuses members that it does not know, wherever they are', () => {
    expect(() => settings({ name: 'a', other: 1 }, 'options')).toThrow(
      'option other is unknown; the options here: name, mode',
    )
    expect(() => settings({ name: 'a', pause: { size: 1 } }, 'options')).toThrow(
      'option pause.size is unknown; the options here: delay, maxDelay',
    )
    expect(() => settings({ name: 'a', pause: { delays: 1 } }, 'options')).toThrow('did you mean delay?')
    expect(() => settings(Object.create({ other: 1 }), 'options')).toThrow('without inherited members')
  })

  it('names members elsewhere with the hints of the outermost object, also from a list and from a check around a shape', () => {
    const around = withMembers(pause.members, (value, option, hint) => pause(value, option, hint))
    const outer = shape({ items: optional(list(pause)), one: optional(around), name: optional(text) })
    const check = (value: unknown) => outer(value, 'options', hintsIn(outer.members))
    expect(() => check({ items: [{ name: 'a' }] })).toThrow('option items[0].name is unknown; did you mean name?')
    expect(() => check({ one: { name: 'a' } })).toThrow('option one.name is unknown; did you mean name?')
    expect(() => check({ delay: 1 })).toThrow('did you mean one: { delay: … }?')
  })
})
