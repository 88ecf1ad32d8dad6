import { assertSameBuild, fingerprint } from './lib/bearward.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { serveIssuer } from './lib/issuer-server.mjs'
import { progress } from './lib/progress.mjs'
import { publish, publishPicture } from './lib/publish.mjs'
import { requestsPage } from './requests/page.mjs'
import { sitForParts } from './requests/parts/sitting.mjs'
import { requestsPicture } from './requests/picture.mjs'
import { measureVariants, NUMBERS } from './requests/rounds.mjs'
import { repeated, seenTokens } from './requests/tokens.mjs'
import { frameworks, variants } from './requests/variants.mjs'

const ALGORITHM = 'RS256'

const options = readCommandLine({
  name: 'requests',
  text: 'Measures the CPU time that a server spends per request, with and without a guard on the route.',
  numbers: {
    ...NUMBERS,
    passes: { text: 'passes over the parts of a guard, with one batch each', value: 300, quick: 3 },
    'parts-warm-up': { text: 'requests to each part before anything counts', value: 10_000, quick: 200 },
  },
})
const measured = { ...options, build: fingerprint() }
const issuerServer = await serveIssuer(ALGORITHM)
const { figures, note } = await measureVariants(variants, issuerServer, measured)

const seen = seenTokens(issuerServer.issuer)
const traffic = {
  warmUp: repeated(seen, options['parts-warm-up']),
  batch: repeated(seen, options.requests),
  fresh: options.fresh,
  passes: options.passes,
  connections: options.connections,
}
for (const framework of frameworks) {
  await sitForParts(framework, issuerServer, traffic, note)
  assertSameBuild(measured.build)
  progress(`${framework}, parts of a guard: done`)
}
issuerServer.close()
publish('requests', requestsPage(figures, measured), options.print)
publishPicture('requests', requestsPicture(figures), options.print)
