import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, readPages } from './pages.ts'

// Pages and examples are copied into applications, so what is wrong there is wrong in many places.

const examples = readdirSync(join(ROOT, 'examples'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(ROOT, 'examples', name), 'utf8') }))

describe('what is copied from pages and examples', () => {
  it('never compares two values that may both be undefined', () => {
    const texts = [
      ...readPages().map(({ path, text }) => ({ name: path, text })),
      ...examples,
      ...['src/guards/guard.ts', 'src/server-api.ts'].map((name) => ({
        name,
        text: readFileSync(join(ROOT, name), 'utf8'),
      })),
    ]
    const members = 'subject|clientId|tokenId|expiresAt|issuedAt|boundBy'
    const compared = new RegExp(`(\\w+)\\.(${members}) === (?!undefined|['"\`])[^\\n]*`, 'g')
    const unsafe = texts.flatMap(({ name, text }) =>
      [...text.matchAll(compared)].flatMap(({ 0: found, 1: object = '', 2: member = '', index }) => {
        const before = text.slice(Math.max(0, index - 60), index)
        return before.includes(`${object}.${member} !== undefined && `) ? [] : [`${name}: ${found}`]
      }),
    )
    // The page explains why; and the values of these two come from the application.
    expect(unsafe.map((line) => line.slice(0, 60))).toEqual([
      expect.stringContaining('docs/caching.md: token.subject === subject)'),
      expect.stringContaining('docs/guards.md: token.subject === req.params.owner'),
      expect.stringContaining('opaque-tokens.ts: token.subject === subject)'),
    ])
  })

  it('never leaves requests unguarded by what their path or route begins with', () => {
    // `/api/` is not the beginning of `/api`, of `/(group)/api/orders`, and of `/%61pi/orders`.
    const hosts = readdirSync(join(ROOT, 'examples/hosts'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => ({ name, text: readFileSync(join(ROOT, 'examples/hosts', name), 'utf8') }))
    const texts = [...readPages().map(({ path, text }) => ({ name: path, text })), ...examples, ...hosts]
    expect(hosts.length).toBeGreaterThan(10)
    expect(texts.filter(({ text }) => /\.startsWith\(['"`]\//.test(text)).map(({ name }) => name)).toEqual([])
  })

  it.each(examples.filter(({ text }) => /\blisten\(|\bserve\(/.test(text)))('$name listens on loopback', ({ text }) => {
    expect(text).toMatch(/HOST (=|\|\|) '127\.0\.0\.1'/)
    expect(text).toMatch(/(listen|serve)\([^;]{0,200}(HOST|'127\.0\.0\.1')/)
  })
})
