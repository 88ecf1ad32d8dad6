import { assertSameBuild, fingerprint } from './lib/bearward.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { createIssuer } from './lib/issuer.mjs'
import { progress } from './lib/progress.mjs'
import { publish } from './lib/publish.mjs'
import { inRounds, rotated } from './lib/rounds.mjs'
import { forNewTokens, forSeenTokens } from './tokens/contestants.mjs'
import { tokensPage } from './tokens/page.mjs'
import { startAll } from './tokens/running.mjs'

/** @type {import('./lib/issuer.mjs').Algorithm[]} */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA']
const SEEN_TOKENS = 100

const options = readCommandLine({
  name: 'tokens',
  text: 'Measures the CPU time of verifying one access token, without HTTP.',
  numbers: {
    rounds: { text: 'rounds over all libraries', value: 30, quick: 2 },
    tokens: { text: 'new tokens per round, library and algorithm', value: 1000, quick: 100 },
    calls: { text: 'calls per round and library with tokens seen before', value: 10_000, quick: 1000 },
  },
})

const build = fingerprint()
const issuers = ALGORITHMS.map((algorithm) => createIssuer(algorithm))
const seenTokens = new Map(issuers.map((issuer) => [issuer, issuer.tokens(SEEN_TOKENS)]))
const running = { new: await startAll(forNewTokens, issuers), seen: await startAll(forSeenTokens, issuers) }
assertSameBuild(build)
progress('every library accepts the good tokens and refuses the bad ones')

const figures = await inRounds(options.rounds, async (round, note) => {
  for (const issuer of issuers) {
    const batches = {
      new: { tokens: issuer.tokens(options.tokens), calls: options.tokens },
      seen: { tokens: seenTokens.get(issuer), calls: options.calls },
    }
    for (const kind of /** @type {const} */ (['new', 'seen'])) {
      for (const { name, child } of rotated(running[kind], round)) {
        const { time, accepted } = await child.ask('measure', { algorithm: issuer.algorithm, ...batches[kind] })
        if (accepted !== batches[kind].calls) throw new Error(`${name} has refused good ${issuer.algorithm} tokens`)
        note(`${kind} ${issuer.algorithm} ${name}`, time)
      }
    }
  }
})
for (const { child } of [...running.new, ...running.seen]) child.stop()
publish('tokens', tokensPage(figures, ALGORITHMS, { ...options, build }), options.print)
