import { inspect } from 'node:util'
import { expect } from 'vitest'

// Every input that can carry a secret contains a unique text. Then all output is searched for it.
export const CANARY = 'CANARY'
let planted = 0
export const canary = (): string => `${CANARY}${String(++planted).padStart(4, '0')}`

/** The last characters of each token that was sent: inside an encoded token, the canary itself is not visible. */
const ends = new Set<string>()
export function plant(token: string): string {
  ends.add(token.slice(-40))
  return token
}

/** Everything that can be read from a value, including hidden members and causes. */
export function everythingIn(value: unknown): string {
  const views = [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true, maxStringLength: null }),
    inspect(value, { depth: Number.POSITIVE_INFINITY, showProxy: true, customInspect: false, maxStringLength: null }),
    JSON.stringify(value) ?? '',
    String(value),
  ]
  if (value instanceof Error) views.push(value.message, String(value.stack), everythingIn(value.cause))
  return views.join('\n')
}

export function expectClean(value: unknown): void {
  const text = everythingIn(value)
  expect(text).not.toContain(CANARY)
  expect([...ends].filter((end) => text.includes(end))).toEqual([])
}
