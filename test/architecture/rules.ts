import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

interface Import {
  /** The module as it is written. */
  readonly specifier: string
  /** The imported file, for relative imports. */
  readonly file: string | undefined
  /** Removed by the compiler. `import { type A }` is not: under verbatimModuleSyntax it still loads the module. */
  readonly typeOnly: boolean
}

export interface Module {
  /** From the root of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly source: ts.SourceFile
  readonly imports: readonly Import[]
}

export type Rule = (modules: readonly Module[]) => readonly string[]

export const root = fileURLToPath(new URL('../..', import.meta.url))

function parse(path: string, text: string): Module {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true)
  const imports: Import[] = []
  const add = (node: ts.Node | undefined, typeOnly: boolean): void => {
    if (node === undefined || !ts.isStringLiteralLike(node)) return
    const specifier = node.text
    const file = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined
    imports.push({ specifier, file, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly)
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true)
    } else if (ts.isCallExpression(node)) {
      const { expression } = node
      const loads =
        expression.kind === ts.SyntaxKind.ImportKeyword ||
        (ts.isIdentifier(expression) && expression.text === 'require')
      if (loads) add(node.arguments[0], false)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return { path, text, source, imports }
}

function load(folder: string): Module[] {
  return readdirSync(posix.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => parse(path, readFileSync(posix.join(root, path), 'utf8')))
}

export const isIn = (folder: string) => (path: string | undefined) => path?.startsWith(`${folder}/`) === true
export const inSrc = isIn('src')
export const inAdapters = isIn('adapters')
export const inProviders = isIn('providers')
export const inTesting = isIn('testing')
/** The folders that need only Web APIs. */
export const inCore = (path: string | undefined) => inSrc(path) || inProviders(path) || inTesting(path)

/** `hono` for `hono/factory`, `@hono/node-server` for `@hono/node-server/conninfo`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

export function violations(modules: readonly Module[], broken: (module: Module, one: Import) => boolean): string[] {
  return modules.flatMap((module) =>
    module.imports.filter((one) => broken(module, one)).map((one) => `${module.path} imports ${one.specifier}`),
  )
}

export interface Case {
  readonly name: string
  readonly rule: Rule
  /** Files that break the rule exactly once, to prove that the rule detects it. */
  readonly broken: Readonly<Record<string, string>>
}

/** The sources of the package. */
export const MODULES: readonly Module[] = ['src', 'adapters', 'providers', 'cli', 'testing'].flatMap(load)

/** Tests each rule twice: on the sources, and on files that break it. */
export function describeRules(name: string, cases: readonly Case[]): void {
  describe(name, () => {
    for (const { name, rule } of cases) {
      it(name, () => {
        expect(rule(MODULES)).toEqual([])
      })
    }
  })

  describe('each rule notices a violation', () => {
    for (const { name, rule, broken } of cases) {
      it(name, () => {
        const modules = Object.entries(broken).map(([path, text]) => parse(path, text))
        expect(rule(modules)).toHaveLength(1)
      })
    }
  })
}
