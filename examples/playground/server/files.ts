import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The page is not compiled: builds and bundles, wherever they are in the repository, serve it from the sources. */
function pageFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const page = join(folder, 'examples/playground/page')
    if (existsSync(page)) return page
  }
  throw new Error('the files of the page are missing')
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export interface PageFile {
  readonly type: string
  readonly text: string
}

/** All files of the page by path. Only these are served, however a path is spelled. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  const root = pageFolder()
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'))
  const fileAt = (path: string): PageFile => ({ type: TYPES[extname(path)] ?? '', text: readFileSync(path, 'utf8') })
  return new Map([
    ...files.filter((name) => extname(name) in TYPES).map((name) => [`/${name}`, fileAt(join(root, name))] as const),
    // The picture of the documentation.
    ['/oauth.svg', fileAt(join(root, '../../../docs/pictures/oauth.svg'))],
  ])
}

const STYLES = /^\/style\/[a-z-]+\.css$/

/** A style sheet of the page, for the pages of the authorization server. */
export function styleSheet(path: string): string | undefined {
  if (!STYLES.test(path)) return undefined
  styles ??= pageFiles()
  return styles.get(path)?.text
}

let styles: ReturnType<typeof pageFiles> | undefined
