import { assertSameBuild, fingerprint } from './lib/bearward.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { serveIssuer } from './lib/issuer-server.mjs'
import { progress } from './lib/progress.mjs'
import { publish, publishPicture } from './lib/publish.mjs'
import { createFigures, rotated } from './lib/rounds.mjs'
import { requestsPage } from './requests/page.mjs'
import { sitForParts } from './requests/parts/sitting.mjs'
import { requestsPicture } from './requests/picture.mjs'
import { sit } from './requests/sitting.mjs'
import { repeated, seenTokens, supplyTokens } from './requests/tokens.mjs'
import { frameworks, variants } from './requests/variants.mjs'

const ALGORITHM = 'RS256'

const options = readCommandLine({
  name: 'requests',
  text: 'Measures the CPU time that a server spends per request, with and without a guard on the route.',
  numbers: {
    rounds: { text: 'rounds over all servers', value: 2, quick: 1 },
    pairs: { text: 'pairs of batches per round, server and kind: without a guard and with it', value: 20, quick: 2 },
    lead: { text: 'pairs of each kind before these, which do not count', value: 15, quick: 1 },
    fresh: { text: 'requests per batch with new tokens, and with bad ones', value: 200, quick: 50 },
    requests: { text: 'requests per batch of each other kind', value: 500, quick: 100 },
    'warm-up': { text: 'requests of each kind and route before anything counts', value: 3000, quick: 100 },
    passes: { text: 'passes over the parts of a guard, with one batch each', value: 100, quick: 3 },
    'parts-warm-up': { text: 'requests to each part before anything counts', value: 10_000, quick: 200 },
    connections: { text: 'connections, with one request at a time on each', value: 16, quick: 16 },
  },
})
const { rounds, pairs, lead, fresh, requests, passes, connections } = options

const build = fingerprint()
const issuerServer = await serveIssuer(ALGORITHM)
const { figures, note } = createFigures()

for (let round = 0; round < rounds; round++) {
  // New tokens in each round, so that none expires.
  const supplies = supplyTokens(issuerServer.issuer, {
    pairs: lead + pairs,
    fresh,
    requests,
    warmUp: options['warm-up'],
  })
  progress(`tokens signed for round ${round + 1}`)
  for (const variant of rotated(variants, round)) {
    await sit(variant, issuerServer, { supplies, lead, connections }, note)
    assertSameBuild(build)
    progress(`${variant.framework}, ${variant.guard}: round ${round + 1} of ${rounds}`)
  }
}

const seen = seenTokens(issuerServer.issuer)
const traffic = {
  warmUp: repeated(seen, options['parts-warm-up']),
  batch: repeated(seen, requests),
  passes,
  connections,
}
for (const framework of frameworks) {
  await sitForParts(framework, issuerServer, traffic, note)
  assertSameBuild(build)
  progress(`${framework}, parts of a guard: done`)
}
issuerServer.close()
publish('requests', requestsPage(figures, { ...options, build }), options.print)
publishPicture('requests', requestsPicture(figures), options.print)
