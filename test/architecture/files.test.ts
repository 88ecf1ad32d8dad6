import ts from 'typescript'
import { describeRules, type Rule } from './rules.ts'

// Rules for the text of each file.

const noAny: Rule = (modules) =>
  modules.flatMap(({ path, source }) => {
    const found: string[] = []
    const visit = (node: ts.Node): void => {
      if (node.kind === ts.SyntaxKind.AnyKeyword) {
        found.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} uses any`)
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
    return found
  })

const noSuppressedErrors: Rule = (modules) =>
  modules.flatMap(({ path, text }) =>
    /@ts-(?:ignore|nocheck|expect-error)/.test(text) ? [`${path} suppresses tsc`] : [],
  )

const LONGEST = 300

const filesAreShort: Rule = (modules) =>
  modules.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n').length
    return lines < LONGEST ? [] : [`${path} has ${lines} lines`]
  })

describeRules('files', [
  {
    name: 'nothing is typed any',
    rule: noAny,
    broken: { 'src/a.ts': 'export const a = (b: readonly any[]) => b' },
  },
  {
    name: 'nothing suppresses compiler errors',
    rule: noSuppressedErrors,
    broken: { 'src/a.ts': '// @ts-ignore\nexport const a = 1' },
  },
  {
    name: `no file reaches ${LONGEST} lines`,
    rule: filesAreShort,
    broken: { 'src/a.ts': '// line\n'.repeat(LONGEST) },
  },
])
