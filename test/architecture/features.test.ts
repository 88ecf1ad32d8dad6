import { describeRules, isIn, type Module, type Rule } from './rules.ts'

// Why: docs/decisions/size.md

const ENTRY = 'src/jwt-only/index.ts'

const FILES = [
  'src/features/all.ts',
  'src/resource-metadata/signed-metadata.ts',
  'src/issuers/check-introspection.ts',
  'src/issuers/record-secrets.ts',
  'src/issuers/resolved-issuers.ts',
  'src/issuers/resolver-settings.ts',
  'src/issuers/lookups.ts',
  'src/util/slots.ts',
  'src/verifier/introspection-verifier.ts',
  'src/verifier/jwt-or-opaque.ts',
  'src/verifier/token-watches.ts',
]

/** What programs with `bearward/jwt-only` do without. */
const isFeature = (path: string): boolean =>
  [isIn('src/introspection'), isIn('src/sender-constraint'), isIn('src/stores')].some((includes) => includes(path)) ||
  FILES.includes(path) ||
  path.startsWith('src/jws/sign')

/** Rules for tokens, without anything that performs an introspection or checks a proof. */
const SHARED = ['src/sender-constraint/route-mode.ts', 'src/sender-constraint/verify-sender.ts']

function loadedFrom(entry: string, modules: readonly Module[]): ReadonlySet<string> {
  const byPath = new Map(modules.map((module) => [module.path, module]))
  const loaded = new Set([entry])
  for (const path of loaded) {
    for (const { file, typeOnly } of byPath.get(path)?.imports ?? []) if (file && !typeOnly) loaded.add(file)
  }
  return loaded
}

const jwtOnlyLoadsNoFeature: Rule = (modules) =>
  [...loadedFrom(ENTRY, modules)].filter((path) => isFeature(path) && !SHARED.includes(path))

describeRules('bundles', [
  {
    name: 'bearward/jwt-only loads neither introspection nor sender constraints',
    rule: jwtOnlyLoadsNoFeature,
    broken: {
      [ENTRY]: "import { createServer } from '../resource-server.ts'",
      'src/resource-server.ts': "import { createDpopBinding } from './sender-constraint/dpop/dpop.ts'",
    },
  },
])
