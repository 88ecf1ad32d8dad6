import { assertSameBuild, fingerprint, takesOpaqueTokens } from './lib/bearward.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { createIssuer, opaqueToken } from './lib/issuer.mjs'
import { progress } from './lib/progress.mjs'
import { publish } from './lib/publish.mjs'
import { inRounds, rotated } from './lib/rounds.mjs'
import { forNewTokens, forOpaqueTokens, forSeenTokens } from './tokens/contestants.mjs'
import { tokensPage } from './tokens/page.mjs'
import { opaqueIssuer, startAll } from './tokens/running.mjs'

/** @type {import('./lib/issuer.mjs').Algorithm[]} */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA']
const SEEN_TOKENS = 100
const PROFILED = 10 // rounds of new tokens under the profiler

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
const withOpaque = await takesOpaqueTokens()

/**
 * The libraries to measure, and their tokens.
 *
 * @typedef {object} Match
 * @property {string} key of its figures
 * @property {import('./tokens/running.mjs').Running[]} running
 * @property {() => { tokens: string[], calls: number }} next batch
 */

/** @type {Match[]} */
const matches = []
const { tokens: fresh, calls } = options
for (const algorithm of ALGORITHMS) {
  const issuer = createIssuer(algorithm)
  const seen = issuer.tokens(SEEN_TOKENS)
  const forNew = await startAll(forNewTokens, issuer)
  const forSeen = await startAll(forSeenTokens, issuer)
  matches.push(
    { key: `new ${algorithm}`, running: forNew, next: () => ({ tokens: issuer.tokens(fresh), calls: fresh }) },
    { key: `seen ${algorithm}`, running: forSeen, next: () => ({ tokens: seen, calls }) },
  )
}
if (withOpaque) {
  const seen = Array.from({ length: SEEN_TOKENS }, opaqueToken)
  matches.push({
    key: 'opaque',
    running: await startAll(forOpaqueTokens, opaqueIssuer),
    next: () => ({ tokens: seen, calls }),
  })
}
assertSameBuild(build)
progress('every library accepts the good tokens and refuses the bad ones')

const figures = await inRounds(options.rounds, async (round, note) => {
  for (const { key, running, next } of matches) {
    const batch = next()
    for (const { name, child } of rotated(running, round)) {
      const { time, accepted } = await child.call('measure', batch)
      if (accepted !== batch.calls) throw new Error(`${name} has refused good tokens: ${key}`)
      note(`${key} ${name}`, time)
    }
  }
})
/** @type {import('./tokens/page.mjs').Profiles} */
const profiles = {}
for (const algorithm of ALGORITHMS) {
  const match = matches.find(({ key }) => key === `new ${algorithm}`)
  const own = match?.running.find(({ kind }) => kind === 'bearward')
  const tokens = listOfNew(match)
  profiles[algorithm] = await own?.child.call('profile', { tokens })
  progress(`${algorithm}: profiled`)
}
for (const { child } of matches.flatMap(({ running }) => running)) child.stop()
publish('tokens', tokensPage(figures, profiles, ALGORITHMS, { ...options, withOpaque, build }), options.print)

/** Tokens for some rounds at once. @param {Match | undefined} match */
function listOfNew(match) {
  return Array.from({ length: PROFILED }, () => match?.next().tokens ?? []).flat()
}
