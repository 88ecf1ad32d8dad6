import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { apiReference, REFERENCE } from '../../scripts/api-reference/reference.ts'
import { ROOT } from './pages.ts'

describe('the API reference', () => {
  it('is what the sources say; `npm run docs` writes it', { timeout: 120_000 }, () => {
    const written = readFileSync(join(ROOT, REFERENCE), 'utf8').split('\n')
    const made = apiReference(ROOT).split('\n')
    const difference = made.findIndex((line, index) => line !== written[index])
    expect(written[difference], `line ${difference + 1} of ${REFERENCE}: run "npm run docs"`).toBe(made[difference])
    expect(written.length).toBe(made.length)
  })
})
