import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { ADAPTERS } from '../support/apps/apps.ts'

// The contract suite once more, with the adapters that `npm test` leaves out.
vi.hoisted(() => {
  process.env.BEARWARD_TEST_ADAPTERS = 'others'
})

const folder = fileURLToPath(new URL('../contract/', import.meta.url))
const files = readdirSync(folder).filter(
  (name) =>
    name.endsWith('.test.ts') &&
    name !== 'same-turn.test.ts' && // only Express, Fastify and Hono promise that
    /\b(startAll|ADAPTERS)\b/.test(readFileSync(folder + name, 'utf8')),
)

it('compares the other adapters, in all files of the suite', () => {
  expect(ADAPTERS.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['koaApp', 'nestExpressApp', 'nestFastifyApp', 'h3NodeApp', 'h3v1App', 'elysiaApp']),
  )
  expect(files.length).toBeGreaterThan(15)
})

describe.each(files)('%s', async (name) => {
  await import(folder + name)
})
