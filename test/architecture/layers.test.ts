import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeRules, inSrc, isIn, MODULES, type Rule, violations } from './rules.ts'

// The layers of the core, from low to high.

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

const TOP = 'src'

/** From low to high: a layer imports itself and lower layers. `TOP` are the files outside of all folders. */
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
  'src/features',
  TOP,
  // Of subpaths that the core does not import.
  'src/jwt-only',
  'src/revocation',
  'src/status-list',
  'src/inspect',
]

function layerOf(path: string): number {
  const named = LAYERS.findIndex((layer) => layer !== TOP && (path === layer || isIn(layer)(path)))
  if (named !== -1) return named
  return posix.dirname(path) === TOP ? LAYERS.indexOf(TOP) : -1
}

/** Type imports count as well: a module that describes a higher layer cannot be read without it. */
const noLayerImportsAHigherOne: Rule = (modules) => {
  const inside = modules.filter(({ path }) => inSrc(path))
  return [
    ...inside.filter(({ path }) => layerOf(path) === -1).map(({ path }) => `${path} is in no layer`),
    ...violations(inside, ({ path }, { file }) => inSrc(file) && layerOf(file ?? '') > layerOf(path)),
  ]
}

/** Depth first: reaching a module that is still open closes a cycle. */
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
    for (const { file } of byPath.get(path)?.imports ?? []) {
      if (file !== undefined) walk(file, [...open, path])
    }
    done.add(path)
  }
  for (const path of byPath.keys()) walk(path, [])
  return found
}

describe('the modules', () => {
  it('include the known entry points', () => {
    const paths = MODULES.map(({ path }) => path)
    expect(paths).toContain('src/index.ts')
    expect(paths).toContain('src/resource-server.ts')
    expect(paths).toContain('adapters/express.ts')
    expect(paths).toContain('cli/main.ts')
    expect(paths).toContain('testing/index.ts')
    expect(LAYERS.filter((layer) => !paths.some((path) => path === layer || isIn(layer)(path)))).toEqual([])
    expect(MODULES.flatMap(({ imports }) => imports).length).toBeGreaterThan(MODULES.length)
  })
})

describeRules('layers', [
  {
    name: 'errors, grammar and ports import only types',
    rule: foundationsImportOnlyTypes,
    broken: {
      ...Object.fromEntries(TYPES_ONLY.map((path) => [path, ''])),
      'src/errors/errors.ts': "import { type Response } from './http/response.ts'",
    },
  },
  {
    name: 'no modules import each other in a cycle, not even types',
    rule: noCycles,
    broken: {
      'src/a.ts': "import { b } from './b.ts'",
      'src/b.ts': "export { c as b } from './c.ts'",
      'src/c.ts': "import type { a } from './a.ts'",
    },
  },
  {
    name: 'no folder of the core imports a higher one, not even a type',
    rule: noLayerImportsAHigherOne,
    broken: { 'src/jws/sign.ts': "import type { Issuer } from '../issuers/issuer.ts'" },
  },
])
