import { assertSameBuild, fingerprint } from './lib/bearward.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { serveIssuer } from './lib/issuer-server.mjs'
import { progress } from './lib/progress.mjs'
import { publish, publishPicture } from './lib/publish.mjs'
import { createFigures } from './lib/rounds.mjs'
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
    // Processes of the same program differ by microseconds, and the goals are some microseconds.
    further: { text: 'further rounds over bearward and the checks written by hand', value: 4, quick: 1 },
    processes: { text: 'processes per framework that measure the parts of a guard', value: 5, quick: 2 },
    passes: { text: 'passes over the parts in each of them, with one batch per part', value: 60, quick: 2 },
    'parts-warm-up': { text: 'requests to each part before anything counts', value: 10_000, quick: 200 },
  },
})
const measured = { ...options, build: fingerprint() }
const issuerServer = await serveIssuer(ALGORITHM)
const { figures, note } = createFigures()
await measureVariants(variants, issuerServer, measured, note)
const compared = variants.filter(({ kind }) => kind !== 'peer')
await measureVariants(compared, issuerServer, { ...measured, rounds: options.further }, note)

const seen = seenTokens(issuerServer.issuer)
const traffic = {
  warmUp: repeated(seen, options['parts-warm-up']),
  batch: repeated(seen, options.requests),
  fresh: options.fresh,
  passes: options.passes,
  connections: options.connections,
}
for (let process = 1; process <= options.processes; process++) {
  for (const framework of frameworks) {
    await sitForParts(framework, issuerServer, traffic, note)
    assertSameBuild(measured.build)
    progress(`${framework}, parts of a guard: process ${process} of ${options.processes}`)
  }
}
issuerServer.close()
publish('requests', requestsPage(figures, measured), options.print)
publishPicture('requests', requestsPicture(figures), options.print)
