import { describe, expect, it } from 'vitest'
import { emptySent, fuzz } from '../../scripts/fuzz/fuzz.ts'
import { outcomeOf, type Target } from '../../scripts/fuzz/target.ts'
import { tokens } from '../../scripts/fuzz/targets/tokens.ts'
import { TARGETS } from '../../scripts/fuzz/targets.ts'

// `npm run fuzz`, with few inputs of each kind; the gate runs it for a minute.

describe('inputs that are nearly right', () => {
  it.each(TARGETS)('$name: each is refused, or good enough', async (target) => {
    const sent = emptySent(target.name)
    expect(await fuzz(target, sent, { numRuns: 60, seed: 20_261_129 })).toBeUndefined()
    expect(sent.inputs).toBe(60)
    // Otherwise nothing would be compared: some get through, some do not.
    expect(sent.accepted).toBeGreaterThan(0)
    expect(sent.accepted).toBeLessThan(60)
  })

  it('a wrong response is found, and its input made small', async () => {
    // A server that accepts whatever the real one does, and whatever its `exp` is.
    const careless: Target = {
      ...tokens,
      send: async (input) => {
        const { claims } = input as { readonly claims: Readonly<Record<string, unknown>> }
        return outcomeOf(async () => undefined, typeof claims.exp === 'number')
      },
    } as Target
    const found = await fuzz(careless, emptySent('careless'), { numRuns: 500, seed: 1 })
    expect(found?.report).toContain('accepted, and must not be')
    const again = await fuzz(careless, emptySent('careless'), { numRuns: 1, seed: 1, path: found?.path ?? '' })
    expect(again?.report).toContain('accepted, and must not be')
  })

  it('what is not a refusal is found, with its cause', async () => {
    const failing: Target = {
      ...tokens,
      send: () =>
        outcomeOf(async () => {
          throw new TypeError('x is undefined')
        }, true),
    } as Target
    const found = await fuzz(failing, emptySent('failing'), { numRuns: 1, seed: 1 })
    expect(found?.report).toContain('not a refusal: TypeError: x is undefined')
  })
})
