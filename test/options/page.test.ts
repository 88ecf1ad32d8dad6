import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { OPTIONS_PAGE, optionsPage } from '../../scripts/options-page/page.ts'
import { rowsOf } from '../../scripts/options-page/rows.ts'
import { optional, required, shape } from '../../src/config/shape.ts'
import { number, oneOf, text } from '../../src/config/validate.ts'
import { ROOT } from '../docs/pages.ts'

describe('the options page', () => {
  it('is what the shapes and the doc comments say; `npm run docs` writes it', { timeout: 120_000 }, () => {
    const written = readFileSync(join(ROOT, OPTIONS_PAGE), 'utf8').split('\n')
    const made = optionsPage(ROOT).split('\n')
    const difference = made.findIndex((line, index) => line !== written[index])
    expect(written[difference], `line ${difference + 1} of ${OPTIONS_PAGE}: run "npm run docs"`).toBe(made[difference])
    expect(written.length).toBe(made.length)
  })
})

describe('a row of the page', () => {
  const inner = shape({ delay: optional(number(1, 60, 'seconds'), 2) })
  const members = shape({
    name: required(text),
    mode: optional(oneOf('off', 'on'), 'off'),
    limit: ({ mode }: { readonly mode: string }) => optional(number(mode === 'off' ? 1 : 2, 9, 'things'), 3),
    pause: optional(inner, {}),
  }).members
  const RIGHT = `
    type Mode = 'off' | 'on'
    interface PauseOptions {
      /** The pause. Default: \`2\`; from 1 to 60. */ delay?: number
    }
    export interface Options {
      /** The name. */ name: string
      /** The mode. Default: \`'off'\`. */ mode?: Mode
      /** The limit. Default: \`3\`, or more. */ limit?: number
      /** How long. */ pause?: PauseOptions
    }`

  it('has unit, range and default from the shape, and the sentence from the doc comment', () => {
    expect(rowsOf(members, typeIn(RIGHT))).toEqual([
      { option: 'name', type: '`string`', fallback: 'required', sentence: 'The name.' },
      { option: 'mode', type: "`'off' | 'on'`", fallback: "`'off'`", sentence: 'The mode.' },
      { option: 'limit', type: 'things, from 1 to 9', fallback: '`3`, or more', sentence: 'The limit.' },
      { option: 'pause', type: '`PauseOptions`', fallback: '', sentence: 'How long.' },
      { option: 'pause.delay', type: 'seconds, from 1 to 60', fallback: '`2`', sentence: 'The pause.' },
    ])
  })

  it.each<[string, from: string, to: string, says: string]>([
    ['another default', '`2`;', '`3`;', 'pause.delay must end with "Default: `2`; from 1 to 60."'],
    ['no default', "The mode. Default: `'off'`.", 'The mode.', 'mode must end with "Default: `\'off\'`."'],
    ['another range', 'from 1 to 60', 'from 1 to 61', 'pause.delay must end with "Default: `2`; from 1 to 60."'],
    ['no range', '; from 1 to 60', '', 'pause.delay must end with "Default: `2`; from 1 to 60."'],
    ['no sentence', 'The name.', '', 'name needs a sentence'],
    ['no member', '/** The name. */ name: string', '', 'name is in the shape, and not in the public type'],
    [
      'another member',
      'name: string',
      'name: string; /** X. */ other?: string',
      'other is in the public type, and not',
    ],
  ])('is refused with %s in the public type', (_, from, to, says) => {
    expect(RIGHT).toContain(from)
    expect(() => rowsOf(members, typeIn(RIGHT.replace(from, to)))).toThrow(says)
  })
})

/** The type `Options` of a source. */
function typeIn(source: string) {
  const file = ts.createSourceFile('options.ts', source, ts.ScriptTarget.ESNext, true)
  const host = ts.createCompilerHost({})
  const program = ts.createProgram(
    ['options.ts'],
    { noLib: true, strict: true, types: [] },
    { ...host, getSourceFile: (name) => (name === 'options.ts' ? file : undefined) },
  )
  const checker = program.getTypeChecker()
  const declaration = file.statements.find((one) => ts.isInterfaceDeclaration(one) && one.name.text === 'Options')
  if (!declaration) throw new Error('no Options')
  return { type: checker.getTypeAtLocation(declaration), checker }
}
