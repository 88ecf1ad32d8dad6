import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, readPages } from './pages.ts'

// A decision that the code does not point to is found by those who look for it, and not by those who undo it.

const pages = readPages().filter(({ path }) => /^docs\/decisions\/(?!README)/.test(path))

const FILES = ['src', 'adapters', 'cli', 'providers', 'testing', 'tsconfig.json']
const mentioned = execFileSync('git', ['grep', '-ohE', 'docs/decisions/[a-z-]+\\.md', '--', ...FILES], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n')

describe('the decisions', () => {
  it('are linked from the code where the choice is made, and no link leads nowhere', () => {
    expect(pages.length).toBeGreaterThan(10)
    expect([...new Set(mentioned)].sort()).toEqual(pages.map(({ path }) => path).sort())
  })

  it('are in the index, under the title of their page', () => {
    const index = readFileSync(join(ROOT, 'docs/decisions/README.md'), 'utf8').toLowerCase()
    const missing = pages.filter(({ path, text }) => {
      const title = /^# (.+)$/m.exec(text)?.[1]?.toLowerCase()
      return !index.includes(`[${title}](${path.replace('docs/decisions/', '')})`)
    })
    expect(missing.map(({ path }) => path)).toEqual([])
  })

  it.each(pages)('$path says what was chosen, what was tried, and what decided, on half a page', ({ text }) => {
    for (const part of ['**Choice.**', '**Tried.**', '**What decided.**']) expect(text).toContain(part)
    expect(text.split('\n').length).toBeLessThan(40)
  })

  it.each(pages)('$path has no measured figure without the command that makes it', ({ text }) => {
    const figures = text.match(/\d[\d.,]* ?(µs|ms|ns|MiB|%)/g) ?? []
    expect(figures.length === 0 || /`npm run [a-z:]+`/.test(text)).toBe(true)
  })
})
