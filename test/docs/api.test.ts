import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportsOf } from '../../scripts/api-reference/exports.ts'
import { apiReference, REFERENCE } from '../../scripts/api-reference/reference.ts'
import { ROOT } from './pages.ts'

describe('the API reference', () => {
  it('matches the sources; `npm run docs` writes it', { timeout: 120_000 }, () => {
    const written = readFileSync(join(ROOT, REFERENCE), 'utf8').split('\n')
    const created = apiReference(ROOT).split('\n')
    const difference = created.findIndex((line, index) => line !== written[index])
    expect(written[difference], `line ${difference + 1} of ${REFERENCE}: run "npm run docs"`).toBe(created[difference])
    expect(written.length).toBe(created.length)
  })

  it('describes every name; tags alone are not enough', { timeout: 120_000 }, () => {
    const all = [...exportsOf(ROOT)].flatMap(([subpath, names]) => names.map((one) => ({ subpath, ...one })))
    expect(all.length).toBeGreaterThan(50)
    const silent = all.filter(({ comment }) => comment.text.trim() === '')
    expect(silent.map(({ subpath, name }) => `${subpath}: ${name}`)).toEqual([])
  })
})
