import { adaptersPage, variants } from './adapters/page.mjs'
import { fingerprint } from './lib/bearward.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { serveIssuer } from './lib/issuer-server.mjs'
import { publish } from './lib/publish.mjs'
import { createFigures } from './lib/rounds.mjs'
import { measureVariants, NUMBERS } from './requests/rounds.mjs'

const options = readCommandLine({
  name: 'adapters',
  text: 'Measures the CPU time that a guard adds to a request on each framework, next to a check written by hand.',
  numbers: NUMBERS,
})
const measured = { ...options, build: fingerprint() }
const issuerServer = await serveIssuer('RS256')
const { figures, note } = createFigures()
await measureVariants(variants, issuerServer, measured, note)
issuerServer.close()
publish('adapters', adaptersPage(figures, measured), options.print)
