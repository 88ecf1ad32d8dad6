import { describeMachine, describeVersions } from '../lib/machine.mjs'
import { micros, range, table, times } from '../lib/markdown.mjs'
import { pairedRatio, summarize } from '../lib/statistics.mjs'
import { forNewTokens, forSeenTokens } from './contestants.mjs'

/**
 * Microseconds, one per round, by algorithm and name.
 *
 * @typedef {Record<'new' | 'seen', Map<string, number[]>>} Measured
 */

const machine = describeMachine() // before anything runs
const PACKAGES = ['jose', 'fast-jwt', 'aws-jwt-verify', 'lru-cache']

/**
 * @param {Measured} measured
 * @param {readonly string[]} algorithms
 * @param {{ rounds: number, tokens: number, calls: number, build: string }} options
 * @returns {string[]}
 */
export function tokensPage(measured, algorithms, { rounds, tokens, calls, build }) {
  return [
    '# CPU time per token',
    'Made by `npm run tokens` in bench/; do not edit.',
    `${machine}. ${describeVersions(PACKAGES, build)}.`,
    `Every library checks signature, issuer, audience and expiry, with its keys at hand and no HTTP around it. Each runs in a process of its own and verifies one token after the other; a figure is the CPU time of that process, all threads included, divided by the number of tokens. ${rounds} rounds, each over all libraries; in each round ${tokens} new tokens per algorithm, and ${calls} calls with 100 tokens seen before. Microseconds: median, least and most of the rounds. *To bare* and *to best peer* are medians of the ratios within each round.`,
    '## New tokens',
    'The bare operation is one `crypto.verify` with the key, the signed bytes and the signature prepared.',
    ...algorithms.map((algorithm) => section(algorithm, forNewTokens, measured.new)),
    '## Tokens seen before',
    'The bare operation is `crypto.hash` with SHA-256 over the token and a look-up in an lru-cache. Libraries that keep nothing between two calls are left out: they do the work of a new token again.',
    ...algorithms.map((algorithm) => section(algorithm, forSeenTokens, measured.seen)),
  ]
}

/**
 * @param {string} algorithm
 * @param {readonly import('./contestants.mjs').Contestant[]} contestants
 * @param {Map<string, number[]>} measured
 */
function section(algorithm, contestants, measured) {
  const lines = contestants.map(({ name, kind }) => {
    const values = measured.get(`${algorithm} ${name}`) ?? []
    return { name, kind, values, ...summarize(values) }
  })
  const bare = lines.filter(({ kind }) => kind === 'bare')[0]
  const [best] = lines.filter(({ kind }) => kind === 'peer').sort((a, b) => a.median - b.median)
  const rows = lines.map((line) => [
    line.kind === 'bearward' ? `**${line.name}**` : line.name,
    micros(line.median),
    range(line),
    times(pairedRatio(line.values, bare.values)),
    line.kind === 'bare' ? '' : times(pairedRatio(line.values, best.values)),
  ])
  return table([algorithm, 'µs per token', 'least … most', 'to bare', 'to best peer'], rows)
}
