import { fingerprint } from './lib/bearward.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { serveIssuer } from './lib/issuer-server.mjs'
import { publish } from './lib/publish.mjs'
import { createFigures } from './lib/rounds.mjs'
import { observers } from './observers/attach.mjs'
import { observersPage } from './observers/page.mjs'
import { measureVariants, NUMBERS } from './requests/rounds.mjs'

const options = readCommandLine({
  name: 'observers',
  text: 'Measures the CPU time that a guard adds to a request without a listener, with metrics, and with traces.',
  numbers: NUMBERS,
})
const measured = { ...options, build: fingerprint() }
const variants = Object.keys(observers).map((guard) => ({
  framework: /** @type {const} */ ('Fastify'),
  guard,
  kind: /** @type {const} */ ('bearward'),
}))
const issuerServer = await serveIssuer('RS256')
const { figures, note } = createFigures()
await measureVariants(variants, issuerServer, measured, note)
issuerServer.close()
publish('observers', observersPage(figures, variants, measured), options.print)
