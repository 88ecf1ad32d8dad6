import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

/** An adapter: its modules, and the page with its program. */
interface Adapter {
  readonly name: string
  readonly modules: readonly string[]
  readonly page: string
}

const one = (name: string, file: string): Adapter => ({
  name,
  modules: [`adapters/${file}.ts`],
  page: `docs/${file}.md`,
})

const ADAPTERS: readonly Adapter[] = [
  one('Express', 'express'),
  { ...one('Fastify, with the plugin', 'fastify'), modules: ['adapters/fastify.ts', 'adapters/fastify/plugin.ts'] },
  one('Hono', 'hono'),
  one('Koa', 'koa'),
  one('NestJS', 'nest'),
  one('h3', 'h3'),
  one('Elysia', 'elysia'),
  one('Fetch API', 'fetch'),
  one('Node.js', 'node'),
]

const COLUMNS = [
  'adapter',
  'lines of its own',
  'lines that it shares',
  'lines that a user writes',
  'of these, import and options',
  'guarded routes',
]

/** The page that has the table. */
export const ADAPTERS_PAGE = 'docs/adapters.md'

/** The table: lines with code, neither empty ones nor comments. */
export function adapterLines(root: string): string {
  const filesOf = new Map(ADAPTERS.map((adapter) => [adapter, closure(root, adapter.modules)]))
  const all = new Set([...filesOf.values()].flatMap((files) => [...files]))
  const linesOf = new Map([...all].map((file) => [file, codeLines(textOf(root, file))]))
  const sum = (files: readonly string[]) => files.reduce((total, file) => total + (linesOf.get(file) ?? 0), 0)
  const users = (file: string) => [...filesOf.values()].filter((files) => files.has(file)).length
  const rows = ADAPTERS.map((adapter) => {
    const files = [...(filesOf.get(adapter) ?? [])]
    const { total, setUp, routes } = linesOfUser(programOf(textOf(root, adapter.page)))
    const [own, shared] = [files.filter((file) => users(file) === 1), files.filter((file) => users(file) > 1)]
    return [adapter.name, sum(own), sum(shared), total, setUp, routes]
  })
  return [COLUMNS, COLUMNS.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

const textOf = (root: string, file: string): string => readFileSync(join(root, file), 'utf8')

const parsed = (text: string): ts.SourceFile => ts.createSourceFile('program.ts', text, ts.ScriptTarget.Latest, true)

/** The modules, and those of adapters/ that they import. */
function closure(root: string, modules: readonly string[], seen = new Set<string>()): ReadonlySet<string> {
  for (const file of modules) {
    if (seen.has(file)) continue
    seen.add(file)
    const imported = ts.preProcessFile(textOf(root, file)).importedFiles.map(({ fileName }) => fileName)
    const own = imported.filter((name) => name.startsWith('.')).map((name) => join(dirname(file), name))
    closure(root, own, seen)
  }
  return seen
}

/** How many lines have code: are neither empty nor all comment. */
function codeLines(text: string): number {
  const source = parsed(text)
  const lines = new Set<number>()
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line
  const visit = (node: ts.Node): void => {
    for (const child of node.getChildren(source)) if (!ts.isJSDoc(child)) visit(child)
    const isToken = node.getChildCount(source) === 0 && node.getWidth(source) > 0
    for (let line = lineOf(node.getStart(source)); isToken && line <= lineOf(node.getEnd()); line++) lines.add(line)
  }
  visit(source)
  return lines.size
}

/** The first program below the heading that all pages of adapters have. */
function programOf(page: string): string {
  const [, program] = /^## A complete program$.*?^```ts\n(.*?)^```$/ms.exec(page) ?? []
  if (program === undefined) throw new Error('a page has no complete program')
  return program
}

const GUARD = /\b(requireScope|RequireScope|optionalAuth|protect)(\(|: \[)/
const MEMBERS = ['requireScope', 'optionalAuth', 'accessToken', 'maybeAccessToken']

/** The lines of a program that have to do with this package: what is imported, what is made of that, and the options. */
export function linesOfUser(program: string): { total: number; setUp: number; routes: number } {
  const source = parsed(program)
  const texts = program.split('\n').map((text) => text.replaceAll(/'[^']*'/g, "''").replace(/\s*\/\/ .*/, ''))
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line
  const names = new Set(MEMBERS)
  const setUp = new Set<number>()

  const visit = (node: ts.Node): void => {
    const text = node.getText(source)
    const isImport = ts.isImportDeclaration(node) && /^'bearward/.test(node.moduleSpecifier.getText(source))
    const isOptions = ts.isObjectLiteralExpression(node) && /^\{\s*resource:/.test(text)
    if (isImport) addNames(text.replace(/ from .*/, ''))
    // What the options are given to returns functions: const { requireScope } = resourceServer({
    if (isOptions) addNames(/\{(.*)\} =/.exec(texts[lineOf(node.getStart(source))] ?? '')?.[1] ?? '')
    if (isImport || isOptions) {
      for (let line = lineOf(node.getStart(source)); line <= lineOf(node.getEnd()); line++) setUp.add(line)
    }
    ts.forEachChild(node, visit)
  }
  const addNames = (text: string) => {
    for (const [name] of text.matchAll(/\w+/g)) if (!['import', 'type'].includes(name)) names.add(name)
  }
  visit(source)

  const lines = new Set(setUp)
  const routes = new Set<number>()
  for (const [line, text] of texts.entries()) {
    if (setUp.has(line) || !(text.match(/\w+/g) ?? []).some((word) => names.has(word))) continue
    lines.add(line)
    const [, declared = '', made = ''] = /^\s*const (\w+) = (?:await )?(\w+)/.exec(text) ?? []
    if (names.has(made)) names.add(declared)
    if (GUARD.test(text)) routes.add(line)
  }
  return { total: lines.size, setUp: setUp.size, routes: routes.size }
}
