import { claim } from 'bearward'
import { expect, it } from 'vitest'
import { createDecider } from './decide.ts'

const { decide } = createDecider()

// A7: in JavaScript, an async predicate compiles. It would never permit, and its rejection would end the process.
it.each<[string, () => unknown]>([
  ['true', async () => true],
  ['nothing, since it rejects', () => Promise.reject(new Error('own failure'))],
])('a predicate of claim() that promises %s is an error of the application, which names it', async (_, predicate) => {
  const outcome = await decide([claim('role', predicate as () => boolean)], { role: 'admin' })
  expect(outcome).toBe(
    'threw TypeError: bearward: the predicate of claim() must return a boolean; it returned a promise',
  )
})
