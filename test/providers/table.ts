import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { startInternet } from '../docs/internet.ts'
import type { ProviderCase } from './catalog.ts'
import { decisionsOf, type TokenDecision } from './decisions.ts'
import { WITH_OPTIONS } from './with-options.ts'
import { WITH_PRESETS } from './with-presets.ts'

export const PROVIDERS: readonly ProviderCase[] = [...WITH_PRESETS, ...WITH_OPTIONS]

/** The pages of single providers are not in the package: a full address also works there. */
const PAGES = 'https://github.com/bearward/bearward/blob/main/docs/providers'

/** The path of the generated page. */
export const TABLE = 'docs/providers.md'

const INTRODUCTION = `# Providers

Which options an API needs for each provider, and how it responds to that provider's tokens. The tokens have the claims that the
provider documents as of 2026, with invented values. A real server with exactly these options produced every response:
\`npm run docs:providers\` writes this page, and a test fails if it is out of date.

A *preset* is a function from \`bearward/providers\`. Its arguments use the provider's terms, and it returns the options of an
issuer. A wrong argument is a \`ConfigurationError\` at construction that names it, such as \`entra.tenant\`. To add or replace
options, spread the result: \`issuer: { ...keycloak({ url, realm }), clockTolerance: 5 }\`. \`npx bearward doctor --issuer …\`
recognizes a provider and names its preset.

\`lines\` is the number of lines that the issuer's options take. The claim in parentheses caused the refusal; the event of the
refusal names it too. All rows are for a route without requirements: **your routes still need a scope**, or a claim if the
provider has no scopes.

`

/** What each provider's tokens got, by its name. */
export type Decisions = ReadonlyMap<string, readonly TokenDecision[]>

/** Sends the tokens of every provider to a server with the options for it. */
export async function decideAll(): Promise<Decisions> {
  const internet = await startInternet()
  try {
    const decisions = new Map<string, readonly TokenDecision[]>()
    // One after the other: some providers are at the same URL.
    for (const provider of PROVIDERS) decisions.set(provider.name, await decisionsOf(provider, internet))
    return decisions
  } finally {
    await internet.stop()
  }
}

/** The page as Markdown. */
export function providerTable(root: string, decisions: Decisions): string {
  const rows = PROVIDERS.map((provider) => rowOf(provider, decisions.get(provider.name) ?? []))
  const head = '| provider | lines | a good token | wrong tokens of the same provider |\n|---|---|---|---|\n'
  return `${INTRODUCTION}${head}${rows.join('\n')}\n\n## The options\n\n${optionsSection(root)}`
}

function rowOf({ name, page, options }: ProviderCase, [good, ...wrong]: readonly TokenDecision[]): string {
  const shown = page === undefined ? name : `[${name}](${PAGES}/${page}.md)`
  return `| ${shown} | ${linesOf(options)} | ${good && response(good)} | ${wrong.map(response).join('<br>')} |`
}

const response = ({ token, status, reason, claim }: TokenDecision): string =>
  `${token}: ${status}${reason === undefined ? '' : ` \`${reason}\``}${claim === undefined ? '' : ` (\`${claim}\`)`}`

/** A preset is one line, otherwise each option is. */
function linesOf(options: ProviderCase['options']): number {
  return /^\(\) =>\s*\(?\{/.test(options.toString()) ? Object.keys(options()).length : 1
}

/** The options of each provider, as they are written in the sources. */
function optionsSection(root: string): string {
  const texts = ['with-presets', 'with-options'].flatMap((file) => textsIn(join(root, `test/providers/${file}.ts`)))
  return texts.map(([name, text]) => `**${name}**\n\n\`\`\`text\nissuer: ${text},\n\`\`\`\n`).join('\n')
}

function textsIn(path: string): [name: string, text: string][] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ESNext, true)
  const found: [string, string][] = []
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node)) {
      const member = (name: string) =>
        node.properties.find(
          (one): one is ts.PropertyAssignment => ts.isPropertyAssignment(one) && one.name.getText() === name,
        )?.initializer
      const [name, options] = [member('name'), member('options')]
      if (name && ts.isStringLiteral(name) && options && ts.isArrowFunction(options))
        found.push([name.text, bodyOf(options)])
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** Without the parentheses around an object, and without the indentation of the file. */
function bodyOf({ body }: ts.ArrowFunction): string {
  const inner = ts.isParenthesizedExpression(body) ? body.expression : body
  const lines = inner.getText().split('\n')
  const indent = /^ */.exec(lines.at(-1) ?? '')?.[0] ?? ''
  return lines.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line)).join('\n')
}
