import ts from 'typescript'
import {
  describeRules,
  inAdapters,
  inCore,
  inProviders,
  inTesting,
  isIn,
  packageOf,
  type Rule,
  violations,
} from './rules.ts'

// Which module may import which other one.

const CORE_PACKAGES = ['jose', 'lru-cache']
const ADAPTER_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'adapters/express.ts': ['express'],
  'adapters/fastify.ts': ['fastify'],
  'adapters/fastify/plugin.ts': ['fastify', 'fastify-plugin'],
  'adapters/hono.ts': ['hono'],
  'adapters/koa.ts': ['koa'],
  'adapters/opentelemetry.ts': ['@opentelemetry/api'],
  'adapters/prometheus.ts': ['prom-client'],
  'adapters/h3.ts': ['h3'],
  'adapters/elysia.ts': ['elysia'],
}

/** The files of one adapter that are too many for one. */
const packagesOf = (path: string): readonly string[] | undefined =>
  /^adapters\/(internal\/)?nest\b/.test(path)
    ? ['@nestjs/common', '@nestjs/core', '@nestjs/websockets']
    : ADAPTER_PACKAGES[path]

const adaptersUseThePublicName: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inAdapters(path)),
    (_, { file, specifier }) => (file === undefined ? specifier.startsWith('bearward/') : !inAdapters(file)),
  )

const adaptersImportOneFramework: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inAdapters(path)),
    ({ path }, { file, specifier }) =>
      file === undefined &&
      specifier !== 'bearward' &&
      !specifier.startsWith('node:') &&
      !packagesOf(path)?.includes(packageOf(specifier)),
  )

const adaptersAreIndependent: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inAdapters(path)),
    ({ path }, { file }) =>
      inAdapters(file) && !isIn('adapters/internal')(file) && !isIn(`${file}`.replace(/\.ts$/, ''))(path),
  )

const coreIsPortable: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inCore(path)),
    ({ path }, { file, specifier }) => {
      if (file !== undefined) return !inCore(file)
      // The test kit tests adapters with the core as they see it.
      return !CORE_PACKAGES.includes(packageOf(specifier)) && !(inTesting(path) && specifier === 'bearward')
    },
  )

const inHttp = isIn('src/http')
const inJwt = isIn('src/jwt')

const httpAndJwtAreIndependent: Rule = (modules) =>
  violations(modules, ({ path }, { file }) => (inHttp(path) && inJwt(file)) || (inJwt(path) && inHttp(file)))

/** Those that create a server state which features it has. */
const JOINING = [
  'src/index.ts',
  'src/resource-server.ts',
  'src/create-resource-server.ts',
  'src/jwt-only/create-resource-server.ts',
]

const onlyTheResourceServerJoinsSteps: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inCore(path) && !JOINING.includes(path)),
    (_, { file }) => ['src/resource-server.ts', 'src/server-api.ts', 'src/index.ts'].includes(file ?? ''),
  )

const INDEXES = [
  'src/index.ts',
  'providers/index.ts',
  'testing/index.ts',
  'src/inspect/index.ts',
  'src/jwt-only/index.ts',
  'src/revocation/index.ts',
  'src/status-list/index.ts',
]

const theIndexOnlyReexports: Rule = (modules) =>
  modules
    .filter(({ path }) => INDEXES.includes(path))
    .flatMap(({ path, source }) =>
      source.statements
        .filter((statement) => !(ts.isExportDeclaration(statement) && statement.moduleSpecifier))
        .map((statement) => `${path} has a statement: ${statement.getText().slice(0, 60)}`),
    )

const theTestKitStaysOutOfProduction: Rule = (modules) =>
  violations(
    modules,
    // `bearward issuer` is a test kit with a socket.
    ({ path }, { file, specifier }) =>
      !inTesting(path) && !isIn('cli/issuer')(path) && (inTesting(file) || specifier === 'bearward/testing'),
  )

const CORE_OF_PRESETS = [isIn('src/config'), (path?: string) => path === 'src/errors/errors.ts']

const presetsOnlyCheckArguments: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inProviders(path) && path !== 'providers/index.ts'),
    (_, { typeOnly, file }) =>
      file === undefined || !(typeOnly || isIn('providers/internal')(file) || CORE_OF_PRESETS.some((is) => is(file))),
  )

const inDiagnosis = isIn('src/inspect')
const inCli = isIn('cli')

const theDiagnosisStaysOutOfProduction: Rule = (modules) =>
  violations(modules, ({ path }, { file }) => !inDiagnosis(path) && !inCli(path) && inDiagnosis(file))

const theCommandLineImportsOneModule: Rule = (modules) =>
  violations(
    modules.filter(({ path }) => inCli(path)),
    (_, { file, specifier }) =>
      file === undefined
        ? !['bearward', 'bearward/providers', 'bearward/redis', 'bearward/revocation', 'bearward/testing'].includes(
            specifier,
          ) && !specifier.startsWith('node:')
        : !inCli(file) && file !== 'src/inspect/index.ts',
  )

describeRules('imports', [
  {
    name: 'an adapter imports the core only by the public name, as a third party would',
    rule: adaptersUseThePublicName,
    broken: { 'adapters/express.ts': "import { scope } from '../src/guards/scope.ts'" },
  },
  {
    name: 'an adapter imports only its own framework',
    rule: adaptersImportOneFramework,
    broken: { 'adapters/express.ts': "import type { Context } from 'hono'" },
  },
  {
    name: 'an adapter does not import another one, except the one whose folder it is in',
    rule: adaptersAreIndependent,
    broken: { 'adapters/express.ts': "import { x } from './hono.ts'" },
  },
  {
    name: 'the core imports neither a framework nor a module of one runtime',
    rule: coreIsPortable,
    broken: { 'src/jwks/fetch.ts': "const { get } = await import('node:http')" },
  },
  {
    name: 'http and jwt do not import each other',
    rule: httpAndJwtAreIndependent,
    broken: { 'src/jwt/claims.ts': "export type A = import('../http/response.ts').Response" },
  },
  {
    name: 'only the index imports the resource server, which combines the steps',
    rule: onlyTheResourceServerJoinsSteps,
    broken: { 'src/guards/scope.ts': "import type { ResourceServer } from '../resource-server.ts'" },
  },
  {
    name: 'only the test kit and `bearward issuer` import the test kit: it signs anything',
    rule: theTestKitStaysOutOfProduction,
    broken: { 'src/jwt/keys.ts': "import { createSigningKey } from '../../testing/signing-key.ts'" },
  },
  {
    name: 'a preset imports what checks its arguments, and no other preset',
    rule: presetsOnlyCheckArguments,
    broken: { 'providers/b2c.ts': "import { entra } from './entra.ts'" },
  },
  {
    name: 'only the command line imports src/inspect',
    rule: theDiagnosisStaysOutOfProduction,
    broken: { 'src/resource-server.ts': "import { probe } from './inspect/probe.ts'" },
  },
  {
    name: 'the command line imports Node, the package by its name, and one module of the core',
    rule: theCommandLineImportsOneModule,
    broken: { 'cli/doctor/keys.ts': "import { readKeySet } from '../../src/jwks/key-index.ts'" },
  },
  {
    name: 'an index only re-exports',
    rule: theIndexOnlyReexports,
    broken: { 'src/index.ts': "export { scope } from './guards/scope.ts'\nexport const version = '1'" },
  },
])
