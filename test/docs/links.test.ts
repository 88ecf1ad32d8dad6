import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Page, ROOT, readPages } from './pages.ts'

const pages = readPages()

/** `[text](target)`, `![text](target)` and the `src`, `srcset` and `href` of HTML. */
function targetsOf({ prose }: Page): string[] {
  const markdown = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, target = '']) => target)
  const html = [...prose.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)].map(([, target = '']) => target)
  return [...markdown, ...html]
}

const isRelative = (target: string): boolean => !/^[a-z][a-z0-9+.-]*:/i.test(target)

interface Manifest {
  readonly repository: { readonly url: string }
  readonly files: readonly string[]
}
const { repository, files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest
const REPOSITORY = repository.url.replace(/^git\+|\.git$/g, '')
const PREFIXES = [
  `${REPOSITORY}/blob/main/`,
  `${REPOSITORY}/tree/main/`,
  `${REPOSITORY.replace('//github.com/', '//raw.githubusercontent.com/')}/main/`,
]

/** The file of the repository that a link with its full address shows; relative links stay as they are. */
function inRepository(page: Page, target: string): string | undefined {
  if (isRelative(target)) return target
  const prefix = PREFIXES.find((start) => target.startsWith(start))
  return prefix === undefined ? undefined : posix.relative(posix.dirname(page.path), target.slice(prefix.length))
}

/** Whether the package contains a file: `files` of package.json names it or its folder, and excludes neither. */
function isShipped(file: string): boolean {
  const names = (entry: string) => file === entry || file.startsWith(`${entry}/`)
  const excluded = files.filter((entry) => entry.startsWith('!')).map((entry) => entry.slice(1))
  // npm adds these two, whatever `files` says.
  return ['README.md', 'LICENSE'].includes(file) || (files.some(names) && !excluded.some(names))
}

/** The anchors that code hosts generate: lower case, hyphens for spaces, no punctuation, numbered if repeated. */
function anchorsOf(text: string): Set<string> {
  const slugs = new Map<string, number>()
  const anchors = new Set<string>()
  const withoutCode = text.replaceAll(/^( *)```.*?^ *```$/gms, '')
  for (const [, heading = ''] of withoutCode.matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const words = heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = words.replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '').replaceAll(' ', '-')
    const times = slugs.get(slug) ?? 0
    slugs.set(slug, times + 1)
    anchors.add(times === 0 ? slug : `${slug}-${times}`)
  }
  for (const [, id = ''] of text.matchAll(/<a id="([^"]+)">/g)) anchors.add(id)
  return anchors
}

function problemWith(page: Page, target: string): string | undefined {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page.path : posix.join(posix.dirname(page.path), decodeURIComponent(path))
  if (file.startsWith('..')) return 'leads out of the repository'
  const place = join(ROOT, file)
  if (!existsSync(place)) return 'is not there'
  if (anchor === undefined) return undefined
  if (statSync(place).isDirectory() || !file.endsWith('.md')) return 'has no headings'
  return anchorsOf(readFileSync(place, 'utf8')).has(anchor) ? undefined : `has no heading #${anchor}`
}

describe('the links between the pages', () => {
  it('are found', () => {
    expect(pages.flatMap(targetsOf).filter(isRelative).length).toBeGreaterThan(10)
  })

  it.each(pages)('of $path have a target', (page) => {
    const broken = targetsOf(page).flatMap((target) => {
      const file = inRepository(page, target)
      const problem = file === undefined ? undefined : problemWith(page, file)
      return problem === undefined ? [] : [`${target} ${problem}`]
    })
    expect(broken).toEqual([])
  })

  // A package registry shows README.md alone, and not every one knows the repository behind it.
  it('of README.md have their full address, or stay on the page', () => {
    const readme = pages.filter(({ path }) => path === 'README.md')
    const relative = readme.flatMap(targetsOf).filter((target) => isRelative(target) && !target.startsWith('#'))
    expect(relative).toEqual([])
  })

  // The package contains docs/ but neither examples nor every page: a relative link to those is dead in node_modules.
  it('of a page in the package have their full address, or lead to a file in the package', () => {
    expect([isShipped('docs/hono.md'), isShipped('docs/api.md'), isShipped('docs/providers/okta.md')]).toEqual([
      true,
      false,
      false,
    ])
    const dead = pages
      .filter(({ path }) => isShipped(path))
      .flatMap((page) =>
        targetsOf(page)
          .filter((target) => isRelative(target) && !target.startsWith('#'))
          .filter((target) => !isShipped(posix.join(posix.dirname(page.path), target.split('#', 1)[0] ?? '')))
          .map((target) => `${page.path}: ${target}`),
      )
    expect(dead).toEqual([])
  })

  it('to this repository name the one of package.json', () => {
    const others = pages.flatMap((page) =>
      targetsOf(page)
        .filter((target) => /\/bearward(\/|$)/.test(target) && /github/.test(target))
        .filter((target) => !target.startsWith(`${REPOSITORY}/`) && inRepository(page, target) === undefined),
    )
    expect(others).toEqual([])
  })

  it('reach every page of docs/ from its index', () => {
    const reached = new Set<string>()
    const open = ['docs/README.md']
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      const page = pages.find((other) => other.path === path)
      if (!page || reached.has(path)) continue
      reached.add(path)
      const folder = posix.dirname(path)
      for (const target of targetsOf(page)) {
        open.push(posix.join(folder, inRepository(page, target)?.split('#', 1)[0] ?? ''))
      }
    }
    const unreached = pages.filter(({ path }) => path.startsWith('docs/') && !reached.has(path)).map(({ path }) => path)
    expect(unreached).toEqual([])
  })

  it('reference standards with https, on the pages of their editor', () => {
    const rfcs = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/https?:\/\/[^\s)>"`]*\brfc\d+[^\s)>"`]*/gi)].map(([url]) => `${path}: ${url}`),
    )
    expect(rfcs.filter((entry) => !entry.includes(': https://www.rfc-editor.org/rfc/rfc'))).toEqual([])
  })
})
