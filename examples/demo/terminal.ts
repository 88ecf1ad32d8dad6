import { stripVTControlCharacters, styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'cyan'

/** The output of the demo. */
export interface Terminal {
  readonly columns: number
  paint(style: Style, text: string): string
  print(line?: string): void
}

/** For logs, pipes and terminals of unknown width. */
const USUAL_COLUMNS = 120

export function terminalOf(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Terminal {
  const colored = stream.isTTY && !environment.NO_COLOR && environment.TERM !== 'dumb' // see no-color.org
  return {
    columns: stream.columns || USUAL_COLUMNS,
    paint: (style, text) => (colored && text !== '' ? styleText(style, text) : text),
    print: (line = '') => void stream.write(`${line}\n`),
  }
}

/** Breaks a text between its parts. A line exceeds the width only if a single part does. */
export function fold(parts: readonly string[], separator: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const [index, part] of parts.entries()) {
    const piece = index < parts.length - 1 ? part + separator : part
    const longer = (lines.at(-1) ?? '') + piece
    if (lines.length > 0 && stripVTControlCharacters(longer).trimEnd().length <= width) lines[lines.length - 1] = longer
    else lines.push(piece)
  }
  return lines.map((line) => line.trimEnd())
}

export const foldWords = (text: string, width: number): readonly string[] => fold(text.split(' '), ' ', width)
