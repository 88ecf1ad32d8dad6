import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Milliseconds that the compiler may take: on a busy machine, it is not quick. */
export const COMPILING = 120_000

/** What the compiler says about programs of which there is only the text, with the settings of our own tests. */
export function problemsOf(texts: readonly string[]): readonly string[] {
  const file = join(root, 'test/tsconfig.json')
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(file, ts.sys.readFile).config, ts.sys, root)
  const byPath = new Map(texts.map((text, index) => [join(root, `program-${index + 1}.ts`), text]))
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists } = host
  host.fileExists = (path) => byPath.has(path) || fileExists(path)
  host.readFile = (path) => byPath.get(path) ?? readFile(path)
  const compiled = ts.createProgram([...byPath.keys()], { ...options, composite: false, incremental: false }, host)
  return [...byPath.keys()]
    .flatMap((path) => {
      const source = compiled.getSourceFile(path)
      return [...compiled.getSyntacticDiagnostics(source), ...compiled.getSemanticDiagnostics(source)]
    })
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}
