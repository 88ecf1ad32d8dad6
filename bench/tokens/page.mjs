import { goalTable } from '../lib/goals.mjs'
import { describeMachine, describeVersions } from '../lib/machine.mjs'
import { micros, times } from '../lib/markdown.mjs'
import { pairedRatio, summarize } from '../lib/statistics.mjs'
import { forNewTokens, forSeenTokens, PACKAGES } from './contestants.mjs'
import { basesOf, section } from './section.mjs'

const machine = describeMachine() // before anything runs

/**
 * @param {import('../lib/rounds.mjs').Figures} figures
 * @param {readonly string[]} algorithms
 * @param {{ rounds: number, tokens: number, calls: number, build: string }} options
 * @returns {string[]}
 */
export function tokensPage(figures, algorithms, { rounds, tokens, calls, build }) {
  const valuesOf = (/** @type {string} */ what) => (/** @type {string} */ name) => figures.get(`${what} ${name}`) ?? []
  return [
    '# CPU time per token',
    'Made by `npm run tokens` in bench/; do not edit.',
    `${machine}. ${describeVersions(PACKAGES, build)}.`,
    `Every library checks signature, algorithm, issuer, audience, expiry and a scope, with its keys at hand and no HTTP around it. Each runs in a process of its own and verifies one token after the other; a figure is the CPU time of that process, all threads included, divided by the number of tokens. ${rounds} rounds, each over all libraries; in each round ${tokens} new tokens per algorithm, and ${calls} calls with 100 tokens seen before. Microseconds: median, least and most of the rounds. *To bare* and *to best peer* are medians of the ratios within each round; the best peer is the one with the least median.`,
    '## New tokens',
    'The bare operation is one `crypto.verify` with the key, the signed bytes and the signature prepared.',
    ...algorithms.map((algorithm) => section(algorithm, forNewTokens, valuesOf(`new ${algorithm}`))),
    '## Tokens seen before',
    'The bare operation is `crypto.hash` with SHA-256 over the token and a look-up in an lru-cache. Libraries that keep nothing between two calls are left out: they do the work of a new token again.',
    ...algorithms.map((algorithm) => section(algorithm, forSeenTokens, valuesOf(`seen ${algorithm}`))),
    '## Goals',
    goalTable(algorithms.flatMap((algorithm) => goalsOf(algorithm, valuesOf))),
  ]
}

/**
 * @param {string} algorithm
 * @param {(what: string) => (name: string) => readonly number[]} valuesOf
 * @returns {import('../lib/goals.mjs').Goal[]}
 */
function goalsOf(algorithm, valuesOf) {
  const { bare, best, own } = basesOf(forNewTokens, valuesOf(`new ${algorithm}`))
  const seen = summarize(basesOf(forSeenTokens, valuesOf(`seen ${algorithm}`)).own).median
  const [toBare, toBest] = [pairedRatio(own, bare), pairedRatio(own, best)]
  return [
    {
      what: `new ${algorithm} token`,
      goal: 'at most 1.15 × the bare operation',
      measured: times(toBare),
      reached: toBare <= 1.15,
    },
    { what: '', goal: 'less than the best peer', measured: `${times(toBest)} ×`, reached: toBest < 1 },
    { what: `${algorithm} token seen before`, goal: 'at most 1.5 µs', measured: micros(seen), reached: seen <= 1.5 },
  ]
}
