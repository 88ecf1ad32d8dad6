import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Block, isProgram, type Page, ROOT, readPages } from './pages.ts'

// Pages and examples are copied into applications, so what is wrong there is wrong in many places.

const examples = readdirSync(join(ROOT, 'examples'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(ROOT, 'examples', name), 'utf8') }))

/** Each has a page that installs it: other pages may use it in their programs. */
const FRAMEWORKS = ['express', 'fastify', 'hono', 'koa', 'h3', 'elysia']
/** What a project of `nest new` has. */
const OF_NEST = ['@nestjs/common', '@nestjs/core', '@nestjs/testing', 'reflect-metadata']
/** Its program is for Workers: elsewhere, Node needs a server for what a program exports. */
const FOR_WORKERS = 'docs/runtimes.md'

/** The packages in the commands of a page, or in a comment on their line; and those that its reader has. */
function installedBy({ path, text }: Page): ReadonlySet<string> {
  const named = [...text.matchAll(/\bnpm install ([^`\n]*)/g)].flatMap(([, rest = '']) => rest.split(/[\s,;:()]+/))
  const isOfFramework = FRAMEWORKS.some((name) => path === `docs/${name}.md`)
  return new Set([...named, ...(isOfFramework ? [] : FRAMEWORKS), ...(/\bnest new\b/.test(text) ? OF_NEST : [])])
}

/** The packages that a complete program or test imports, apart from this one. */
function packagesOf({ at, text }: Block): readonly string[] {
  const imported = [...text.matchAll(/^(?:import|.*\bfrom) '([^'.]+)'(?: \/\/.*)?$/gm)].map(([, from = '']) =>
    from.split('/', from.startsWith('@') ? 2 : 1).join('/'),
  )
  const server = /^export default /m.test(text) && !at.startsWith(FOR_WORKERS) ? ['@hono/node-server'] : []
  return [...imported.filter((name) => !name.startsWith('node:') && name !== 'bearward'), ...server]
}

const isComplete = (block: Block): boolean =>
  isProgram(block) || (block.language === 'ts' && /^import /m.test(block.text) && /^test\(/m.test(block.text))

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

  it('never calls each token of a provider one for this API', () => {
    const functions = readPages()
      .flatMap(({ blocks }) => blocks)
      .filter(({ language, text }) => language === 'ts' && /: IntrospectToken = .*\baud: '/s.test(text))
    expect(functions.map(({ heading }) => heading)).toContain('Opaque tokens')
    for (const { at, text } of functions) expect(text, at).toMatch(/ !== '[^']+'\) return \{ active: false \}/)
  })

  it('installs every package that its programs and tests import', () => {
    const missing = readPages().flatMap((page) => {
      const installed = installedBy(page)
      const imported = page.blocks.filter(isComplete).flatMap(packagesOf)
      return [...new Set(imported)].filter((name) => !installed.has(name)).map((name) => `${page.path}: ${name}`)
    })
    expect(missing).toEqual([])
  })

  it.each(examples.filter(({ text }) => /\blisten\(|\bserve\(/.test(text)))('$name listens on loopback', ({ text }) => {
    expect(text).toMatch(/HOST (=|\|\|) '127\.0\.0\.1'/)
    expect(text).toMatch(/(listen|serve)\([^;]{0,200}(HOST|'127\.0\.0\.1')/)
  })
})
