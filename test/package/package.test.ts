import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMPILERS, CONSUMERS, FRAMEWORKS, RESOLUTIONS } from './consumers.ts'
import { programsOfReadme } from './readme-programs.ts'
import { copyInto, install, manifest, must, openWorkshop, type Packed, pack, root, run } from './workshop.ts'

const workshop = openWorkshop()
const folderOf = (name: string): string => join(workshop.folder, name.replaceAll(/[^a-z0-9.]+/gi, '-'))
let packed: Packed

beforeAll(async () => {
  packed = await pack(workshop.folder)
})
afterAll(() => workshop.close())

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts'))
}

describe('the tarball', () => {
  it('contains only the build, the sources for its maps, and the documents', () => {
    const modules = [
      ...sources('src'),
      ...sources('adapters'),
      ...sources('cli'),
      ...sources('providers'),
      ...sources('testing'),
    ]
    const built = modules.flatMap((path) =>
      ['.js', '.js.map', '.d.ts', '.d.ts.map'].map((ending) => `dist/${path.replace(/\.ts$/, ending)}`),
    )
    const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json']
    expect(packed.files).toEqual([...built, ...modules, ...documents].sort())
  })

  it('has maps to files that it contains', () => {
    const maps = packed.files.filter((path) => path.endsWith('.map'))
    expect(maps.length).toBeGreaterThan(0)
    const missing = maps.flatMap((path) => {
      const map = JSON.parse(readFileSync(join(root, path), 'utf8')) as { sources: string[] }
      return map.sources
        .map((source) => posix.join(posix.dirname(path), source))
        .filter((source) => !packed.files.includes(source))
        .map((source) => `${path} points to ${source}`)
    })
    expect(missing).toEqual([])
  })

  it('passes publint, suggestions included', async () => {
    const tarball = readFileSync(packed.tarball)
    const { messages, pkg } = await publint({
      strict: true,
      level: 'suggestion',
      pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) },
    })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  it('passes "are the types wrong" for an ESM-only package', async () => {
    const { code, output } = await run(
      join(root, 'node_modules/.bin/attw'),
      [packed.tarball, '--profile', 'esm-only', '--no-emoji', '--no-color'],
      root,
    )
    expect(code, output).toBe(0)
    for (const entry of Object.keys(manifest.exports)) expect(output).toContain(entry.replace(/^\./, 'bearward'))
  })
})

describe('compilers', () => {
  it.each(COMPILERS)('TypeScript %s is there', async (version) => {
    const folder = folderOf(`typescript-${version}`)
    await install(folder, [`typescript@${version}`])
    expect(await must(process.execPath, [compilerIn(folder), '--version'], folder)).toContain(version)
  })
})

const compilerIn = (folder: string): string => join(folder, 'node_modules/typescript/bin/tsc')

const readme = programsOfReadme(readFileSync(join(root, 'README.md'), 'utf8'))

it('the README has a complete program for every framework', () => {
  const entries = readme.map((program) => program.entry)
  for (const framework of FRAMEWORKS) expect(entries).toContain(`bearward/${framework}`)
})

describe.each(CONSUMERS)('a project with $name', (consumer) => {
  const folder = folderOf(consumer.name)

  it('installs the tarball, and no other framework', async () => {
    await install(folder, [packed.tarball, ...consumer.packages])
    const subpath = consumer.entry.replace('bearward/', '')
    for (const framework of FRAMEWORKS) {
      const expected = framework === subpath || framework === consumer.brings
      expect(existsSync(join(folder, 'node_modules', framework)), framework).toBe(expected)
    }
  })

  for (const version of COMPILERS) {
    for (const resolution of RESOLUTIONS) {
      it.concurrent(`type-checks with TypeScript ${version}, ${resolution.moduleResolution} resolution`, async () => {
        copyInto(folder, consumer.types)
        const programs = [consumer.types.replace('consumers/', '')]
        for (const [index, program] of readme.entries()) {
          if (program.entry !== consumer.entry) continue
          const name = `readme-${index + 1}.ts`
          writeFileSync(join(folder, name), program.text)
          programs.push(name)
        }
        const project = join(folder, `tsconfig.${version}.${resolution.moduleResolution}.json`)
        const compilerOptions = {
          ...resolution,
          target: 'es2023',
          lib: consumer.lib,
          types: consumer.typeRoots,
          strict: true,
          noEmit: true,
          // Declarations are checked as well: an error in ours would otherwise silently become `any`.
          skipLibCheck: false,
          ...consumer.compilerOptions,
        }
        writeFileSync(project, JSON.stringify({ compilerOptions, files: programs }))
        const { code, output } = await run(
          process.execPath,
          [compilerIn(folderOf(`typescript-${version}`)), '--pretty', 'false', '-p', project],
          folder,
        )
        expect(output).toBe('')
        expect(code).toBe(0)
      })
    }
  }

  for (const program of consumer.programs) {
    it(`runs ${program} on Node ${process.versions.node}`, async () => {
      copyInto(folder, program, 'programs/token.mjs')
      const { code, output } = await run(process.execPath, [join(folder, program.replace('programs/', ''))], folder)
      expect(output).toContain('all as expected')
      expect(code).toBe(0)
    })
  }
})

it('installs the command bearward', async () => {
  const folder = folderOf('core only, types of Node')
  const command = join(folder, 'node_modules/.bin/bearward')
  expect(await must(command, ['--version'], folder)).toBe(`${manifest.version}\n`)
  expect((await run(command, ['inspect', 'garbage'], folder)).output).toContain('An opaque token')
})

it('runs only on the files of the tarball', () => {
  // A consumer that resolves bearward from our own tree would prove nothing.
  const require = createRequire(join(folderOf('hono'), 'index.js'))
  expect(dirname(require.resolve('bearward/package.json')).startsWith(workshop.folder)).toBe(true)
})
