import { adaptersPage, variants } from './adapters/page.mjs'
import { assertSameBuild, fingerprint } from './lib/bearward.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { serveIssuer } from './lib/issuer-server.mjs'
import { progress } from './lib/progress.mjs'
import { publish } from './lib/publish.mjs'
import { createFigures, rotated } from './lib/rounds.mjs'
import { sit } from './requests/sitting.mjs'
import { supplyTokens } from './requests/tokens.mjs'

const options = readCommandLine({
  name: 'adapters',
  text: 'Measures the CPU time that a guard adds to a request on each framework, next to a check written by hand.',
  numbers: {
    rounds: { text: 'rounds over all servers', value: 2, quick: 1 },
    pairs: { text: 'pairs of batches per round, server and kind: without a guard and with it', value: 20, quick: 2 },
    lead: { text: 'pairs of each kind before these, which do not count', value: 10, quick: 1 },
    fresh: { text: 'requests per batch with new tokens, and with bad ones', value: 200, quick: 50 },
    requests: { text: 'requests per batch of each other kind', value: 500, quick: 100 },
    'warm-up': { text: 'requests of each kind and route before anything counts', value: 3000, quick: 100 },
    connections: { text: 'connections, with one request at a time on each', value: 16, quick: 16 },
  },
})
const { rounds, pairs, lead, fresh, requests, connections } = options

const build = fingerprint()
const issuerServer = await serveIssuer('RS256')
const { figures, note } = createFigures()
for (let round = 0; round < rounds; round++) {
  const tokens = { pairs: lead + pairs, fresh, requests, warmUp: options['warm-up'] }
  const supplies = supplyTokens(issuerServer.issuer, tokens)
  progress(`tokens signed for round ${round + 1}`)
  for (const variant of rotated(variants, round)) {
    await sit(variant, issuerServer, { supplies, lead, connections }, note)
    assertSameBuild(build)
    progress(`${variant.framework}, ${variant.guard}: round ${round + 1} of ${rounds}`)
  }
}
issuerServer.close()
publish('adapters', adaptersPage(figures, { ...options, build }), options.print)
