import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block of a page. */
export interface Block {
  /** The page, and the first line of its text: `docs/express.md:12`. */
  readonly at: string
  readonly language: string
  /** Its heading. */
  readonly heading: string
  readonly text: string
}

export interface Page {
  /** Relative to the repository, with slashes. */
  readonly path: string
  readonly text: string
  readonly blocks: readonly Block[]
  /** Its text without code, which contains the links and headings. */
  readonly prose: string
}

/** All published pages: those beside the README, and all of `docs/`. */
export function readPages(): readonly Page[] {
  const inside = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join('docs', name.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.md'))
  const beside = ['README.md', 'CHANGELOG.md', 'CODE_OF_CONDUCT.md', 'CONTRIBUTING.md', 'SECURITY.md', 'VERSIONING.md']
  return [...beside, ...inside.sort()].map(readPage)
}

export function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8')
  return { path, text, blocks: blocksOf(path, text), prose: proseOf(text) }
}

const FENCED = /^( *)```([^\n]*)\n(.*?)^ *```$/gms

function blocksOf(path: string, text: string): Block[] {
  return [...text.matchAll(FENCED)].map(({ index, 1: indent = '', 2: info = '', 3: inside = '' }) => ({
    at: `${path}:${text.slice(0, index).split('\n').length + 1}`,
    language: info.trim().split(/\s/, 1)[0] ?? '',
    heading:
      [
        ...text
          .slice(0, index)
          .replaceAll(FENCED, '')
          .matchAll(/^#+ (.*)$/gm),
      ].at(-1)?.[1] ?? '',
    text: inside.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))
}

const proseOf = (text: string): string => text.replaceAll(FENCED, '').replaceAll(/(`+)[^`].*?\1/g, '')

/** The file that a block is: other blocks of its page can import it. Its first line is a comment with the name. */
export const moduleNameOf = ({ text }: Block): string | undefined => /^\/\/ (\S+\.mts)\n/.exec(text)?.[1]

/** A block that imports, creates and serves a resource server: what a reader can save and run. */
export const isProgram = ({ language, text }: Block): boolean =>
  language === 'ts' &&
  /^import [^'"]*\b(?:resourceServer|createResourceServer|bearward|BearwardModule)\b[^'"]*['"]bearward/m.test(text) &&
  /\.listen\(|\bserve\(|^export default /m.test(text) &&
  // The tests on the pages are run by test/testing/document.test.ts.
  !/^import .* from 'node:test'$/m.test(text)
