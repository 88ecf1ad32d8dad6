import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyInto, install, openWorkshop, pack, pinned, root, run } from './workshop.ts'

// Projects whose modules are not ES modules, and old compilers (F9). The declarations of frameworks are not checked here:
// some need a newer compiler than ours do.

const FRAMEWORKS = ['express', '@types/express', 'fastify', 'hono', 'koa', '@types/koa', '@types/node']
const PROGRAMS = ['core', 'express', 'fastify', 'hono', 'koa', 'node'].map((name) => `consumers/${name}.ts`)
const VERSIONS = ['5.5.4', '5.8.3', '5.9.3', '6.0.3', '7.0.2'] as const
type Version = (typeof VERSIONS)[number]

interface Mode {
  readonly name: string
  readonly type: 'commonjs' | 'module'
  readonly options: object
  readonly versions: readonly Version[]
}

const MODES: readonly Mode[] = [
  {
    name: 'CommonJS, node10 resolution',
    type: 'commonjs',
    options: { module: 'commonjs', moduleResolution: 'node10' },
    versions: ['5.5.4', '5.8.3', '5.9.3'],
  },
  {
    name: 'CommonJS, node10 resolution, deprecated',
    type: 'commonjs',
    options: { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' },
    versions: ['6.0.3'],
  },
  {
    name: 'CommonJS, nodenext',
    type: 'commonjs',
    options: { module: 'nodenext' },
    versions: ['5.8.3', '5.9.3', '6.0.3', '7.0.2'],
  },
  { name: 'ES modules, nodenext', type: 'module', options: { module: 'nodenext' }, versions: ['5.5.4'] },
  {
    name: 'ES modules, bundler',
    type: 'module',
    options: { module: 'esnext', moduleResolution: 'bundler' },
    versions: ['5.5.4'],
  },
]

const workshop = openWorkshop()
const folder = join(workshop.folder, 'modules')
let tarball: string
beforeAll(async () => {
  ;({ tarball } = await pack(workshop.folder))
  const compilers = VERSIONS.map((version) => `typescript-${version}@npm:typescript@${version}`)
  await install(folder, [tarball, ...FRAMEWORKS.map(pinned), ...compilers])
  copyInto(folder, ...PROGRAMS)
})
afterAll(() => workshop.close())

function compile(version: Version, type: Mode['type'], options: object) {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type }))
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    esModuleInterop: true,
    skipLibCheck: true,
    noEmit: true,
    ...options,
  }
  const files = PROGRAMS.map((program) => program.replace('consumers/', ''))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const compiler = join(folder, `node_modules/typescript-${version}/bin/tsc`)
  return run(process.execPath, [compiler, '--pretty', 'false', '-p', folder], folder)
}

describe.each(MODES)('$name', ({ type, options, versions }) => {
  it.each(versions)('compiles with TypeScript %s', async (version) => {
    expect(await compile(version, type, options)).toEqual({ code: 0, output: '' })
  })
})

it('CommonJS with node16 does not compile, as docs/typescript.md says', async () => {
  const { output } = await compile('5.9.3', 'commonjs', { module: 'node16' })
  expect(output).toMatch(/error TS1479/)
})

// tsconfig.json of `nest new`, as far as it is about modules and decorators.
const NEST = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  resolvePackageJsonExports: true,
  isolatedModules: true,
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
}

describe('jest in CommonJS, with ts-jest', () => {
  it('runs the programs of the pages with the configuration of docs/typescript.md', async () => {
    const project = join(workshop.folder, 'jest')
    await install(project, [
      tarball,
      ...['express', '@types/express', 'supertest', '@types/node', 'fastify', 'reflect-metadata', 'rxjs'].map(pinned),
      ...['common', 'core', 'platform-express', 'testing'].map((name) => pinned(`@nestjs/${name}`)),
      ...['jest@30.5.2', 'ts-jest@29.4.15', 'typescript@5.9.3'],
    ])
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true }))
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: NEST }))
    for (const [page, name] of [
      ['typescript', 'jest.config.js'],
      ['typescript', 'orders.test.ts'],
      ['testing', 'payments.test.ts'],
      ['nest', 'orders.e2e-spec.ts'],
    ] as const) {
      const text = readFileSync(join(root, `docs/${page}.md`), 'utf8')
      const [, program = ''] = new RegExp(`\`\`\`(?:js|ts)\n(// ${name}.*?)\`\`\``, 's').exec(text) ?? []
      writeFileSync(join(project, name), program.replace(/^import .* from 'node:test'$/m, ''))
    }
    const { code, output } = await run(
      process.execPath,
      ['node_modules/jest/bin/jest.js', '--testRegex=(test|e2e-spec).ts$'],
      project,
    )
    expect(output).toContain('Test Suites: 3 passed, 3 total')
    expect(code).toBe(0)
  })
})
