import { assertSameBuild } from '../lib/bearward.mjs'
import { progress } from '../lib/progress.mjs'
import { rotated } from '../lib/rounds.mjs'
import { sit } from './sitting.mjs'
import { supplyTokens } from './tokens.mjs'

/** The options of each command that compares servers. */
export const NUMBERS = {
  rounds: { text: 'rounds over all servers', value: 2, quick: 1 },
  pairs: { text: 'pairs of batches per round, server and kind: without a guard and with it', value: 20, quick: 2 },
  lead: { text: 'pairs of each kind before these, which do not count', value: 15, quick: 1 },
  fresh: { text: 'requests per batch with new tokens, and with bad ones', value: 200, quick: 50 },
  requests: { text: 'requests per batch of each other kind', value: 500, quick: 100 },
  'warm-up': { text: 'requests of each kind and route before anything counts', value: 3000, quick: 100 },
  connections: { text: 'connections, with one request at a time on each', value: 16, quick: 16 },
}

/**
 * Measures every variant in every round.
 *
 * @param {readonly import('./variants.mjs').Variant[]} variants
 * @param {Awaited<ReturnType<typeof import('../lib/issuer-server.mjs').serveIssuer>>} issuerServer
 * @param {Record<keyof typeof NUMBERS, number> & { build: string }} options
 * @param {import('../lib/rounds.mjs').Note} note
 */
export async function measureVariants(variants, issuerServer, options, note) {
  const { rounds, pairs, lead, fresh, requests, connections, build } = options
  for (let round = 0; round < rounds; round++) {
    // New tokens in each round, so that none expires.
    const tokens = { pairs: lead + pairs, fresh, requests, warmUp: options['warm-up'] }
    const supplies = supplyTokens(issuerServer.issuer, tokens)
    progress(`tokens signed for round ${round + 1}`)
    for (const variant of rotated(variants, round)) {
      await sit(variant, issuerServer, { supplies, lead, connections }, note)
      assertSameBuild(build)
      progress(`${variant.framework}, ${variant.guard}: round ${round + 1} of ${rounds}`)
    }
  }
}
