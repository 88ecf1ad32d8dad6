import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { type Block, moduleNameOf, ROOT, readPages } from './pages.ts'

// Every TypeScript block on every page is compiled as strictly as our own code, against the sources of the package.
// Excerpts use names that the reader's program defines: test/docs/excerpts.txt declares them.

const blocks = readPages().flatMap((page) => page.blocks)
const LANGUAGES = ['ts', 'js', 'sh', 'http', 'json', 'text']

/** Type declarations in the API reference, which is generated from the sources. */
const DECLARATIONS = { page: 'docs/api.md', language: 'typescript' }

/** Excerpts come from the middle of a program: imports may precede what they need. */
const declarations = readFileSync(join(ROOT, 'test/docs/excerpts.txt'), 'utf8')

function fileOf(block: Block, index: number): string {
  const name = moduleNameOf(block)
  return name === undefined ? join(ROOT, `block-${index}.ts`) : join(ROOT, dirname(block.at), name)
}

function problemsIn(blocks: readonly Block[], others: ts.CompilerOptions = {}): string[] {
  const file = join(ROOT, 'test/tsconfig.json')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(file, ts.sys.readFile).config,
    ts.sys,
    dirname(file),
  )
  const ambient = join(ROOT, 'excerpts.d.ts')
  const texts = new Map(blocks.map((block, index) => [fileOf(block, index), `${block.text}\nexport {}\n`]))
  if (texts.size < blocks.length) throw new Error('two pages have a file of one name: the first would not be compiled')
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists, getSourceFile } = host
  const virtual = (path: string) => (path === ambient ? declarations : texts.get(path))
  host.fileExists = (path) => virtual(path) !== undefined || fileExists(path)
  host.readFile = (path) => virtual(path) ?? readFile(path)
  host.getSourceFile = (path, version) => {
    const text = virtual(path)
    return text === undefined ? getSourceFile(path, version) : ts.createSourceFile(path, text, version)
  }
  // Nest's decorators are those of TypeScript.
  const nest = { experimentalDecorators: true }
  const settings = {
    ...options,
    ...nest,
    incremental: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    ...others,
  }
  const program = ts.createProgram([ambient, ...texts.keys()], settings, host)
  const problems = [ambient, ...texts.keys()].flatMap((path) => {
    const source = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
  })
  const places = [...texts.keys()]
  return problems.map(({ file: source, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n')
    const block = source && blocks[places.indexOf(source.fileName)]
    if (!source || !block) return `${source?.fileName ?? 'options'}: ${message}`
    const [page, line = '0'] = block.at.split(':')
    return `${page}:${Number(line) + source.getLineAndCharacterOfPosition(start).line}: ${message}`
  })
}

describe('the code on the pages', () => {
  it('has a language', () => {
    const isDeclaration = ({ at, language }: Block) =>
      language === DECLARATIONS.language && at.startsWith(`${DECLARATIONS.page}:`)
    const others = blocks.filter((block) => !LANGUAGES.includes(block.language) && !isDeclaration(block))
    expect(others.map(({ at, language }) => `${at}: ${language}`)).toEqual([])
  })

  // One compiler run for all blocks, plus an invalid one to check that errors are found.
  it('compiles, if it is TypeScript', { timeout: 300_000 }, () => {
    const typescript = blocks.filter(({ language }) => language === 'ts')
    expect(typescript.length).toBeGreaterThan(10)
    const text = "import { scope } from 'bearward'\n\nscope(1)\n"
    const wrong: Block = { at: 'docs/none.md:10', language: 'ts', heading: '', text }
    const [found = '', ...problems] = problemsIn([wrong, ...typescript])
    expect(problems).toEqual([])
    expect(found).toMatch(/^docs\/none\.md:12: /)
  })

  // Most applications do not set it: then some unions of object literals get members that may be `undefined`.
  it('compiles without exactOptionalPropertyTypes as well', { timeout: 300_000 }, () => {
    const typescript = blocks.filter(({ language }) => language === 'ts')
    expect(problemsIn(typescript, { exactOptionalPropertyTypes: false })).toEqual([])
  })
})
