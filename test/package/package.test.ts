import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, posix } from 'node:path'
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
  it('contains the build, the documents, and the pages for reading offline, and nothing else', () => {
    const modules = ['src', 'adapters', 'cli', 'providers', 'testing'].flatMap(sources)
    // Nothing imports the command line.
    const endingsOf = (path: string) => (path.startsWith('cli/') ? ['.js'] : ['.js', '.d.ts'])
    const built = modules.flatMap((path) => endingsOf(path).map((ending) => `dist/${path.replace(/\.ts$/, ending)}`))
    const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'VERSIONING.md', 'package.json']
    const others = packed.files.filter((path) => !path.startsWith('docs/'))
    expect(others).toEqual([...built, ...documents].sort())

    const pages = packed.files.filter((path) => path.startsWith('docs/'))
    expect(pages.filter((path) => !path.endsWith('.md'))).toEqual([])
    for (const page of ['README', 'concepts', 'options', 'express', 'guards', 'providers']) {
      expect(pages).toContain(`docs/${page}.md`)
    }
    // The declarations have its text.
    expect(pages).not.toContain('docs/api.md')
  })

  it('is smaller than 500 kB', () => {
    expect(packed.size).toBeLessThan(500_000)
  })

  it('names no source map: it contains none', () => {
    const built = packed.files.filter((path) => path.startsWith('dist/'))
    expect(built.filter((path) => readFileSync(join(root, path), 'utf8').includes('sourceMappingURL'))).toEqual([])
  })

  it('has declarations for TypeScript 5.5, where Uint8Array has no type parameter, also with skipLibCheck off (F9)', () => {
    const declarations = packed.files.filter((path) => path.endsWith('.d.ts'))
    const generic = declarations.filter((path) => readFileSync(join(root, path), 'utf8').includes('Uint8Array<'))
    expect(generic).toEqual([])
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
  const programs = Object.fromEntries([
    [basename(consumer.types), readFileSync(join(root, 'test/package', consumer.types), 'utf8')],
    ...readme.flatMap(({ entry, text }, index) => (entry === consumer.entry ? [[`readme-${index + 1}.ts`, text]] : [])),
  ]) as Readonly<Record<string, string>>

  it('installs the tarball, and no other framework', async () => {
    await install(folder, [packed.tarball, ...consumer.packages])
    // Before the compilers, which run at the same time: a file that is written again is missing for a moment.
    for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, name), text)
    const subpath = consumer.entry.replace('bearward/', '')
    for (const framework of FRAMEWORKS) {
      const expected = framework === subpath || framework === consumer.brings
      expect(existsSync(join(folder, 'node_modules', framework)), framework).toBe(expected)
    }
  })

  for (const version of COMPILERS) {
    for (const resolution of RESOLUTIONS) {
      it.concurrent(`type-checks with TypeScript ${version}, ${resolution.moduleResolution} resolution`, async () => {
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
        writeFileSync(project, JSON.stringify({ compilerOptions, files: Object.keys(programs) }))
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

describe('a release', () => {
  const prepare = (...args: string[]) => run(process.execPath, ['scripts/release/prepare.mjs', ...args], root)

  // It packs with --ignore-scripts, as the other tests do: "prepack" would replace the build under them.
  it('can be rehearsed: tarball, SBOM with the dependencies that users install, notes and checksums', async () => {
    const folder = folderOf('release')
    const { code, output } = await prepare('--rehearse', folder, '--ignore-scripts')
    expect(code, output).toBe(0)
    const name = `bearward-${manifest.version}`
    const files = [`${name}.cdx.json`, `${name}.tgz`, 'notes.md']
    expect(readdirSync(folder).sort()).toEqual(['SHA256SUMS', ...files])
    const { metadata, components } = JSON.parse(readFileSync(join(folder, `${name}.cdx.json`), 'utf8')) as {
      metadata: { component: { purl: string } }
      components: { name: string }[]
    }
    expect(metadata.component.purl).toBe(`pkg:npm/${name.replace(/-(?=\d)/, '@')}`)
    expect(components.map((component) => component.name).sort()).toEqual(Object.keys(manifest.dependencies).sort())
    await must('sha256sum', ['--check', 'SHA256SUMS'], folder)
    expect(await must('npm', ['publish', '--dry-run', '--ignore-scripts', `./${name}.tgz`], folder)).toContain(
      `+ bearward@`,
    )
  })

  it('is not prepared for a tag of another version', async () => {
    const { code, output } = await prepare('v999.0.0', folderOf('no release'))
    expect(code).toBe(1)
    expect(output).toContain('The tag is v999.0.0, but package.json has version')
  })
})
