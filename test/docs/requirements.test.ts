import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, readPage } from './pages.ts'

// Tests cite requirements by ID. A reader of a failed test finds them on one page, and this test keeps it complete.

const PAGE = 'docs/requirements.md'
/** `J12`, `N3a` or `N3.1`, in the families of the page; not `#A1`, `%F0` or `TLS-E1`. */
const CITED = /(?<![\w%#.-])[RAJKIMGDNFES]\d{1,2}(?:[abc]|\.\d)?(?![\w%-])/g

const IDS = [...readPage(PAGE).text.matchAll(/^\| ([A-Z]\d\S*) \|/gm)].map(([, id = '']) => id)

interface Citation {
  readonly id: string
  readonly at: string
}

function citations(): readonly Citation[] {
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.(test|test-d)\.ts$/.test(name) && !/docs\/requirements\.test|node_modules/.test(name))
    .flatMap((name) =>
      citedIn(readFileSync(join(ROOT, 'test', name), 'utf8')).map((id) => ({ id, at: `test/${name}` })),
    )
}

const citedIn = (text: string): string[] => text.match(CITED) ?? []

describe('the requirements', () => {
  const cited = citations()

  it('that tests cite are all on the page', () => {
    expect(
      cited.filter(({ id }) => !IDS.includes(id)),
      `add a line to ${PAGE}`,
    ).toEqual([])
  })

  it('on the page are each cited by a test', () => {
    const used = new Set(cited.map(({ id }) => id))
    expect(
      IDS.filter((id) => !used.has(id)),
      'cite it in the test that shows it',
    ).toEqual([])
  })

  it('have one line each, and name what decides them', () => {
    expect(new Set(IDS).size).toBe(IDS.length)
    const lines = readPage(PAGE).text.match(/^\| [A-Z]\d.*$/gm) ?? []
    expect(lines.filter((line) => !/^\| \S+ \| .+ \| \S.* \|$/.test(line))).toEqual([])
  })

  it('are found in names and comments, and nothing else is', () => {
    expect(citedIn("it('is refused (N3.1, RFC 8705 §3) // K6: and J12–J15, A3-like, %F0, #A1, S256")).toEqual([
      'N3.1',
      'K6',
      'J12',
      'J15',
    ])
  })
})
