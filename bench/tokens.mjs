import { assertSameBuild, fingerprint } from './lib/bearward.mjs'
import { startChild } from './lib/child.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { AUDIENCE, badTokens, createIssuer } from './lib/issuer.mjs'
import { publish } from './lib/markdown.mjs'
import { progress } from './lib/progress.mjs'
import { rotated } from './lib/statistics.mjs'
import { forNewTokens, forSeenTokens } from './tokens/contestants.mjs'
import { tokensPage } from './tokens/page.mjs'

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

/** @typedef {import('./tokens/contestants.mjs').Contestant & { child: import('./lib/child.mjs').Child }} Running */

const build = fingerprint()
const issuers = await Promise.all(ALGORITHMS.map((algorithm) => createIssuer(algorithm)))
const running = {
  new: await startAll(forNewTokens),
  seen: await startAll(forSeenTokens),
}
assertSameBuild(build)
progress('every library accepts the good tokens and refuses the bad ones')

/** @type {import('./tokens/page.mjs').Measured} */
const measured = { new: new Map(), seen: new Map() }
const seenTokens = await Promise.all(issuers.map((issuer) => issuer.sign(SEEN_TOKENS)))
const warmUp = Math.min(3, options.rounds)
for (let round = 1 - warmUp; round <= options.rounds; round++) {
  for (const [at, issuer] of issuers.entries()) {
    const { algorithm } = issuer
    const tokens = await issuer.sign(options.tokens)
    await measureAll('new', round, { algorithm, tokens, calls: tokens.length })
    await measureAll('seen', round, { algorithm, tokens: seenTokens[at], calls: options.calls })
  }
  progress(round < 1 ? 'warming up' : `round ${round} of ${options.rounds}`)
}
for (const { child } of [...running.new, ...running.seen]) child.stop()
publish('tokens', tokensPage(measured, ALGORITHMS, { ...options, build }), options.print)

/**
 * @param {readonly import('./tokens/contestants.mjs').Contestant[]} contestants
 * @returns {Promise<Running[]>}
 */
async function startAll(contestants) {
  const started = contestants.map((contestant) => ({
    ...contestant,
    child: startChild(new URL('./tokens/worker.mjs', import.meta.url), contestant.name),
  }))
  for (const { name, file, child } of started) {
    for (const issuer of issuers) {
      const { algorithm, url, jwks } = issuer
      await child.ask('setUp', { file, settings: { algorithm, issuer: url, audience: AUDIENCE, jwks } })
      const [good] = await issuer.sign(1)
      const wrong = await child.ask('check', { algorithm, good, bad: await badTokens(issuer) })
      if (wrong.length > 0) throw new Error(`${name} accepts ${algorithm} tokens with a wrong ${wrong.join(', ')}`)
    }
  }
  return started
}

/**
 * @param {'new' | 'seen'} kind
 * @param {number} round below 1 for those that warm up
 * @param {{ algorithm: string, tokens: string[], calls: number }} batch
 */
async function measureAll(kind, round, batch) {
  for (const { name, child } of rotated(running[kind], round + warmUp)) {
    const time = await child.ask('measure', batch)
    if (round < 1) continue
    const key = `${batch.algorithm} ${name}`
    measured[kind].set(key, [...(measured[kind].get(key) ?? []), time])
  }
}
