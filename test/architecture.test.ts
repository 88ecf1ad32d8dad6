import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

// The rules that keep the tree understandable. Each one is a function from the modules to a list of violations, so that
// it can be shown to fail (second half of this file) and not only to pass.

interface Import {
  /** The module as it is written. */
  readonly specifier: string
  /** The file it leads to, for relative imports. */
  readonly file: string | undefined
  /** Gone after compilation. `import { type A }` is not: under verbatimModuleSyntax it still loads the module. */
  readonly typeOnly: boolean
}

interface Module {
  /** From the root of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly source: ts.SourceFile
  readonly imports: readonly Import[]
}

type Rule = (modules: readonly Module[]) => readonly string[]

const root = fileURLToPath(new URL('..', import.meta.url))

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

const isIn = (folder: string) => (path: string | undefined) => path?.startsWith(`${folder}/`) === true
const inSrc = isIn('src')
const inAdapters = isIn('adapters')
const inTesting = isIn('testing')
/** What runs wherever Web APIs are. */
const inCore = (path: string | undefined) => inSrc(path) || inTesting(path)
const inHttp = isIn('src/http')
const inJwt = isIn('src/jwt')

/** `hono` for `hono/factory`, `@hono/node-server` for `@hono/node-server/conninfo`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

function violations(modules: readonly Module[], broken: (module: Module, one: Import) => boolean): string[] {
  return modules.flatMap((module) =>
    module.imports.filter((one) => broken(module, one)).map((one) => `${module.path} imports ${one.specifier}`),
  )
}

const CORE_PACKAGES = ['jose', 'lru-cache']
const ADAPTER_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'adapters/express.ts': ['express'],
  'adapters/fastify.ts': ['fastify', 'fastify-plugin'],
  'adapters/hono.ts': ['hono'],
  'adapters/koa.ts': ['koa'],
}

const adaptersUseThePublicName: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inAdapters(path)),
    (_, { file, specifier }) => (file === undefined ? specifier.startsWith('bearward/') : !inAdapters(file)),
  )

const adaptersKnowOneFramework: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inAdapters(path)),
    ({ path }, { file, specifier }) =>
      file === undefined &&
      specifier !== 'bearward' &&
      !specifier.startsWith('node:') &&
      !ADAPTER_PACKAGES[path]?.includes(packageOf(specifier)),
  )

const adaptersStandAlone: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inAdapters(path)),
    (_, { file }) => inAdapters(file) && !isIn('adapters/internal')(file),
  )

const coreIsPortable: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inCore(path)),
    (_, { file, specifier }) => (file === undefined ? !CORE_PACKAGES.includes(packageOf(specifier)) : !inCore(file)),
  )

const TYPES_ONLY = [
  'src/errors/reasons.ts',
  'src/errors/errors.ts',
  'src/http/grammar.ts',
  'src/http-message.ts',
  'src/jwks/types.ts',
  'src/stores/introspection-store.ts',
]

const foundationsImportOnlyTypes: Rule = (modules) => [
  ...TYPES_ONLY.filter((path) => !modules.some((module) => module.path === path)).map((path) => `${path} is missing`),
  ...violations(
    modules.filter(({ path }) => TYPES_ONLY.includes(path)),
    (_, { typeOnly, file }) => !typeOnly && !TYPES_ONLY.includes(file ?? ''),
  ),
]

const httpAndJwtAreStrangers: Rule = (modules) =>
  violations(modules, ({ path }, { file }) => (inHttp(path) && inJwt(file)) || (inJwt(path) && inHttp(file)))

const onlyTheResourceServerJoinsSteps: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inCore(path) && path !== 'src/index.ts'),
    (_, { file }) => file === 'src/resource-server.ts' || file === 'src/index.ts',
  )

const INDEXES = ['src/index.ts', 'testing/index.ts', 'src/inspect/index.ts']

const theIndexOnlyReexports: Rule = (modules) =>
  modules
    .filter(({ path }) => INDEXES.includes(path))
    .flatMap(({ path, source }) =>
      source.statements
        .filter((statement) => !(ts.isExportDeclaration(statement) && statement.moduleSpecifier))
        .map((statement) => `${path} has a statement of its own: ${statement.getText().slice(0, 60)}`),
    )

const theTestKitStaysOutOfProduction: Rule = (modules) =>
  violations(
    modules,
    ({ path }, { file, specifier }) => !inTesting(path) && (inTesting(file) || specifier === 'bearward/testing'),
  )

const inDiagnosis = isIn('src/inspect')
const inCli = isIn('cli')

const theDiagnosisStaysOutOfProduction: Rule = (modules) =>
  violations(modules, ({ path }, { file }) => !inDiagnosis(path) && !inCli(path) && inDiagnosis(file))

const theCommandLineHasOneDoor: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inCli(path)),
    (_, { file, specifier }) =>
      file === undefined
        ? specifier !== 'bearward' && !specifier.startsWith('node:')
        : !inCli(file) && file !== 'src/inspect/index.ts',
  )

const TOP = 'src'

/** From low to high: each one knows itself and what stands before it. `TOP` are the files that lie in no folder. */
const LAYERS = [
  'src/util',
  'src/http-message.ts',
  'src/errors',
  'src/config',
  'src/http',
  'src/claims',
  'src/access-token',
  'src/events',
  'src/stores',
  'src/upstream',
  'src/jws',
  'src/jwt',
  'src/discovery',
  'src/jwks',
  'src/introspection',
  'src/issuers',
  'src/verifier',
  'src/sender-constraint',
  'src/resource-metadata',
  'src/guards',
  TOP,
  'src/inspect',
]

function layerOf(path: string): number {
  const named = LAYERS.findIndex((layer) => layer !== TOP && (path === layer || isIn(layer)(path)))
  if (named !== -1) return named
  return posix.dirname(path) === TOP ? LAYERS.indexOf(TOP) : -1
}

/** Types count as well: who describes what stands above cannot be read without it. */
const noLayerKnowsAHigherOne: Rule = (modules) => {
  const inside = modules.filter(({ path }) => inSrc(path))
  return [
    ...inside.filter(({ path }) => layerOf(path) === -1).map(({ path }) => `${path} is in no layer`),
    ...violations(inside, ({ path }, { file }) => inSrc(file) && layerOf(file ?? '') > layerOf(path)),
  ]
}

/** Depth first: a module met again while it is still open closes a circle. */
const noCycles: Rule = (modules) => {
  const byPath = new Map(modules.map((module) => [module.path, module]))
  const done = new Set<string>()
  const found: string[] = []
  const walk = (path: string, open: readonly string[]): void => {
    if (open.includes(path)) {
      found.push([...open.slice(open.indexOf(path)), path].join(' -> '))
      return
    }
    if (done.has(path)) return
    for (const { file, typeOnly } of byPath.get(path)?.imports ?? []) {
      // Type imports are gone at run time; two files may well describe each other.
      if (file !== undefined && !typeOnly) walk(file, [...open, path])
    }
    done.add(path)
  }
  for (const path of byPath.keys()) walk(path, [])
  return found
}

const noAny: Rule = (modules) =>
  modules.flatMap(({ path, source }) => {
    const found: string[] = []
    const visit = (node: ts.Node): void => {
      if (node.kind === ts.SyntaxKind.AnyKeyword) {
        found.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} says any`)
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
    return found
  })

const noSilencedCompiler: Rule = (modules) =>
  modules.flatMap(({ path, text }) =>
    /@ts-(?:ignore|nocheck|expect-error)/.test(text) ? [`${path} silences tsc`] : [],
  )

const LONGEST = 300

const filesAreShort: Rule = (modules) =>
  modules.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n').length
    return lines < LONGEST ? [] : [`${path} has ${lines} lines`]
  })

interface Case {
  readonly name: string
  readonly rule: Rule
  /** Files that break the rule, to show that it would be noticed. */
  readonly broken: Readonly<Record<string, string>>
}

const CASES: readonly Case[] = [
  {
    name: 'an adapter reaches the core by the public name only, as a third party would',
    rule: adaptersUseThePublicName,
    broken: { 'adapters/express.ts': "import { scope } from '../src/guards/scope.ts'" },
  },
  {
    name: 'an adapter imports no framework but its own',
    rule: adaptersKnowOneFramework,
    broken: { 'adapters/express.ts': "import type { Context } from 'hono'" },
  },
  {
    name: 'an adapter does not import another one',
    rule: adaptersStandAlone,
    broken: { 'adapters/express.ts': "import { x } from './hono.ts'" },
  },
  {
    name: 'the core imports neither a framework nor a module of one runtime',
    rule: coreIsPortable,
    broken: { 'src/jwks/fetch.ts': "const { get } = await import('node:http')" },
  },
  {
    name: 'errors, grammar and ports import only types',
    rule: foundationsImportOnlyTypes,
    broken: {
      ...Object.fromEntries(TYPES_ONLY.map((path) => [path, ''])),
      'src/errors/errors.ts': "import { type Answer } from './http/answer.ts'",
    },
  },
  {
    name: 'http and jwt do not know each other',
    rule: httpAndJwtAreStrangers,
    broken: { 'src/jwt/claims.ts': "export type A = import('../http/answer.ts').Answer" },
  },
  {
    name: 'only the resource server joins steps: nothing but the index imports it',
    rule: onlyTheResourceServerJoinsSteps,
    broken: { 'src/guards/scope.ts': "import type { ResourceServer } from '../resource-server.ts'" },
  },
  {
    name: 'the test kit is imported by nothing but itself: it signs whatever it is told to',
    rule: theTestKitStaysOutOfProduction,
    broken: { 'src/jwt/keys.ts': "import { createSigningKey } from '../../testing/signing-key.ts'" },
  },
  {
    name: 'the diagnosis is imported by nothing but itself and the command line',
    rule: theDiagnosisStaysOutOfProduction,
    broken: { 'src/resource-server.ts': "import { probe } from './inspect/probe.ts'" },
  },
  {
    name: 'the command line uses Node, the package by its name, and one door into the core',
    rule: theCommandLineHasOneDoor,
    broken: { 'cli/doctor/keys.ts': "import { readKeySet } from '../../src/jwks/key-index.ts'" },
  },
  {
    name: 'an index only re-exports',
    rule: theIndexOnlyReexports,
    broken: { 'src/index.ts': "export { scope } from './guards/scope.ts'\nexport const version = '1'" },
  },
  {
    name: 'no modules import each other in a circle',
    rule: noCycles,
    broken: {
      'src/a.ts': "import { b } from './b.ts'",
      'src/b.ts': "export { c as b } from './c.ts'",
      'src/c.ts': "import { a } from './a.ts'",
    },
  },
  {
    name: 'no folder of the core imports one that stands above it, not even a type',
    rule: noLayerKnowsAHigherOne,
    broken: { 'src/jws/sign.ts': "import type { Issuer } from '../issuers/issuer.ts'" },
  },
  {
    name: 'nothing is typed any',
    rule: noAny,
    broken: { 'src/a.ts': 'export const a = (b: readonly any[]) => b' },
  },
  {
    name: 'nothing silences the compiler',
    rule: noSilencedCompiler,
    broken: { 'src/a.ts': '// @ts-ignore\nexport const a = 1' },
  },
  {
    name: `no file reaches ${LONGEST} lines`,
    rule: filesAreShort,
    broken: { 'src/a.ts': '// line\n'.repeat(LONGEST) },
  },
]

describe('architecture', () => {
  const modules = [...load('src'), ...load('adapters'), ...load('cli'), ...load('testing')]

  it('finds the tree it judges', () => {
    const paths = modules.map(({ path }) => path)
    expect(paths).toContain('src/index.ts')
    expect(paths).toContain('src/resource-server.ts')
    expect(paths).toContain('adapters/express.ts')
    expect(paths).toContain('cli/main.ts')
    expect(paths).toContain('testing/index.ts')
    expect(LAYERS.filter((layer) => !paths.some((path) => path === layer || isIn(layer)(path)))).toEqual([])
    expect(modules.flatMap(({ imports }) => imports).length).toBeGreaterThan(modules.length)
  })

  for (const { name, rule } of CASES) {
    it(name, () => {
      expect(rule(modules)).toEqual([])
    })
  }
})

describe('each rule notices a violation', () => {
  for (const { name, rule, broken } of CASES) {
    it(name, () => {
      const modules = Object.entries(broken).map(([path, text]) => parse(path, text))
      expect(rule(modules)).toHaveLength(1)
    })
  }
})
