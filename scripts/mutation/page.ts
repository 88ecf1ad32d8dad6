import { readFileSync, writeFileSync } from 'node:fs'

/** What became of the changes in a folder or file. */
export interface Count {
  /** Tests failed, or did not end. */
  readonly killed: number
  /** No test can notice them: see survivors.ts. */
  readonly equivalent: number
  readonly survived: number
}

const PAGE = 'docs/mutation.md'
const [BEGIN, END] = ['<!-- written by npm run mutation -->', '<!-- end -->']
const HEAD =
  '| folder or file | changes | killed by a test | change nothing that can be seen | survived | score |\n|---|--:|--:|--:|--:|--:|'

/** Replaces the row of a folder or file, and those of the files in it; the others stay. */
export function writeRow(place: string, { killed, equivalent, survived }: Count): void {
  const text = readFileSync(PAGE, 'utf8')
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`${PAGE} has no place for the table`)
  const score = `${((100 * killed) / (killed + survived)).toFixed(1)} %`
  const cells = [`\`${place}\``, killed + equivalent + survived, killed, equivalent, survived, score]
  const others = text
    .slice(from, to)
    .split('\n')
    .filter(
      (line) => line.startsWith('| `') && ![`| \`${place}\``, `| \`${place}/`].some((start) => line.startsWith(start)),
    )
  const rows = [...others, `| ${cells.join(' | ')} |`].sort()
  writeFileSync(PAGE, `${text.slice(0, from)}${BEGIN}\n\n${HEAD}\n${rows.join('\n')}\n\n${text.slice(to)}`)
}
