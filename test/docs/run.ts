import { type Program, startText } from '../examples/program.ts'
import type { Internet } from './internet.ts'
import type { Block } from './pages.ts'

const HERE = "console.log('http://localhost:' + address.port + '/')"

/** How programs report that they listen, and the replacement: a free port, and a line with it. */
const LISTENS: readonly (readonly [RegExp, string])[] = [
  // Nest's.
  [/await app\.listen\(3000\)/, `await app.listen(0); { const address = app.getHttpServer().address(); ${HERE} }`],
  [/\.listen\(3000\)/, `.listen(0, function () { const address = this.address(); ${HERE} })`],
  [
    /await app\.listen\(\{ port: 3000 \}\)/,
    `await app.listen({ port: 0, host: '127.0.0.1' }); { const address = app.server.address(); ${HERE} }`,
  ],
  [
    /serve\(\{ fetch: app\.(fetch|handle), port: 3000 \}\)/,
    `serve({ fetch: app.$1, port: 0 }, (address) => { ${HERE} })`,
  ],
  // That of h3 prints its own URL.
  [/serve\(app, \{ port: 3000 \}\)/, `serve(app, { port: 0, silent: false })`],
  [
    /^export default (.*)/ms,
    // Bun serves such a program itself, and Node with the server that the pages name.
    `const serveDefault = globalThis.Bun
       ? (options, listening) => listening(Bun.serve(options))
       : (await import('@hono/node-server')).serve
     serveDefault({ fetch: (request, env) => (exported.fetch ?? exported)(request, { ...process.env, ...env }), port: 0 }, (address) => { ${HERE} })
     const exported = $1`,
  ],
]

/** Runs a program of a page, with a free port; its `https:` requests go to the stand-in. */
export function runProgram(
  { at, text }: Block,
  internet: Internet,
  settings: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const [pattern, replacement] = LISTENS.find(([listen]) => listen.test(text)) ?? []
  if (!pattern || replacement === undefined) throw new Error(`${at} does not say where it listens`)
  const name = at.replaceAll(/[^a-z0-9]+/gi, '-')
  return startText(name, `${internet.detour()}\n${text.replace(pattern, replacement)}`, settings)
}
