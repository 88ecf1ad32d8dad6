import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** One exported name. */
export interface Export {
  readonly name: string
  readonly kind: 'function' | 'value' | 'class' | 'interface' | 'type'
  readonly declaration: ts.Declaration
  readonly comment: Comment
  readonly checker: ts.TypeChecker
}

/** A doc comment in its parts. */
export interface Comment {
  readonly text: string
  readonly tags: readonly { readonly name: string; readonly text: string }[]
}

/** What each subpath of the package exports, in the order of its name. */
export function exportsOf(root: string): ReadonlyMap<string, readonly Export[]> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string
    exports: Record<string, string | Record<string, string>>
  }
  const sources = Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    const source = typeof target === 'string' ? undefined : target['@bearward/source']
    return source === undefined ? [] : [[manifest.name + subpath.slice(1), join(root, source)] as const]
  })
  const program = ts.createProgram(
    sources.map(([, file]) => file),
    compilerOptions(root),
  )
  const checker = program.getTypeChecker()
  return new Map(sources.map(([subpath, file]) => [subpath, namesIn(program, checker, file)]))
}

function compilerOptions(root: string): ts.CompilerOptions {
  const config = join(root, 'test/tsconfig.json')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, ts.sys.readFile).config,
    ts.sys,
    join(root, 'test'),
  )
  return { ...options, incremental: false }
}

function namesIn(program: ts.Program, checker: ts.TypeChecker, file: string): readonly Export[] {
  const source = program.getSourceFile(file)
  const symbol = source && checker.getSymbolAtLocation(source)
  if (!symbol) throw new Error(`${file} exports nothing`)
  return checker
    .getExportsOfModule(symbol)
    .map((exported) => describe(exported, checker))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function describe(exported: ts.Symbol, checker: ts.TypeChecker): Export {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
  const declaration = symbol.declarations?.[0]
  if (!declaration) throw new Error(`${exported.name} has no declaration`)
  return { name: exported.name, kind: kindOf(declaration), declaration, comment: commentOf(symbol, checker), checker }
}

function kindOf(declaration: ts.Declaration): Export['kind'] {
  if (ts.isFunctionDeclaration(declaration)) return 'function'
  if (ts.isClassDeclaration(declaration)) return 'class'
  if (ts.isInterfaceDeclaration(declaration)) return 'interface'
  return ts.isTypeAliasDeclaration(declaration) ? 'type' : 'value'
}

export function commentOf(symbol: ts.Symbol, checker: ts.TypeChecker): Comment {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker))
  const tags = symbol.getJsDocTags(checker).map((tag) => ({ name: tag.name, text: ts.displayPartsToString(tag.text) }))
  const wrapped = symbol.declarations?.[0] && wrappedName(symbol.declarations[0])
  const inner = wrapped && checker.getSymbolAtLocation(wrapped)
  return text === '' && tags.length === 0 && inner ? commentOf(inner, checker) : { text, tags }
}

/** `export default wrap(name, …)`: the comment is at the name. */
function wrappedName(declaration: ts.Declaration): ts.Identifier | undefined {
  if (!ts.isExportAssignment(declaration)) return undefined
  const { expression } = declaration
  const [first] = ts.isCallExpression(expression) ? expression.arguments : []
  return first && ts.isIdentifier(first) ? first : undefined
}
