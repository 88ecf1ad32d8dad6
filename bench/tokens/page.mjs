import { goalTable } from '../lib/goals.mjs'
import { describeMachine, describeVersions } from '../lib/machine.mjs'
import { micros, percent, table, times } from '../lib/markdown.mjs'
import { pairedRatio, summarize } from '../lib/statistics.mjs'
import { forNewTokens, forOpaqueTokens, forSeenTokens, PACKAGES } from './contestants.mjs'
import { PART_NAMES } from './profile.mjs'
import { basesOf, section } from './section.mjs'

const machine = describeMachine() // before anything runs

/**
 * Shares of the time of a new token, by algorithm and part.
 *
 * @typedef {Record<string, Record<string, number>>} Profiles
 */

/**
 * @param {import('../lib/rounds.mjs').Figures} figures
 * @param {Profiles} profiles
 * @param {readonly string[]} algorithms
 * @param {{ rounds: number, tokens: number, calls: number, withOpaque: boolean, build: string }} options
 * @returns {string[]}
 */
export function tokensPage(figures, profiles, algorithms, { rounds, tokens, calls, withOpaque, build }) {
  const valuesOf = (/** @type {string} */ what) => (/** @type {string} */ name) => figures.get(`${what} ${name}`) ?? []
  return [
    '# CPU time per token',
    'Made by `npm run tokens` in bench/; do not edit.',
    `${machine}. ${describeVersions(PACKAGES, build)}.`,
    `Every library checks signature, algorithm, issuer, audience, expiry and a scope, with its keys loaded and without HTTP. Each runs in a separate process per table and verifies tokens one after the other; a figure is the CPU time of that process, all threads included, divided by the number of tokens. ${rounds} rounds, each over all libraries; in each round ${tokens} new tokens per algorithm, and ${calls} calls with 100 tokens seen before. Microseconds: median, minimum and maximum of the rounds. *To bare* and *to best peer* are medians of the ratios within each round; the best peer has the lowest median.`,
    '## New tokens',
    'The bare operation is one `crypto.verify` with the key, the signed bytes and the signature prepared. The cost of storing a token in a cache is included: for bearward always, for fast-jwt if its cache is on. The hand-written check does the least that is possible with a cache: digest, look-up, base64url, JSON, the signature, and one comparison for each of six rules.',
    ...algorithms.map((algorithm) => section(algorithm, forNewTokens, valuesOf(`new ${algorithm}`))),
    ...profileSection(profiles, algorithms, valuesOf),
    '## Tokens seen before',
    'The bare operation is `crypto.hash` with SHA-256 over the token and a lookup in an lru-cache. Libraries without a cache are omitted: they do the work of a new token again.',
    ...algorithms.map((algorithm) => section(algorithm, forSeenTokens, valuesOf(`seen ${algorithm}`))),
    ...(withOpaque ? opaqueSection(valuesOf('opaque')) : []),
    '## Goals',
    goalTable([
      ...algorithms.flatMap((algorithm) => goalsOf(algorithm, valuesOf)),
      ...(withOpaque ? [seenGoal('opaque token with a cached response', forOpaqueTokens, valuesOf('opaque'))] : []),
    ]),
  ]
}

/** The unavoidable parts: reading a token, and recognizing it when it returns. */
const NEEDED = ['digest of the token', 'JSON', 'base64url and text']

/**
 * @param {Profiles} profiles
 * @param {readonly string[]} algorithms
 * @param {(what: string) => (name: string) => readonly number[]} valuesOf
 */
function profileSection(profiles, algorithms, valuesOf) {
  const own = (/** @type {string} */ algorithm) =>
    summarize(basesOf(forNewTokens, valuesOf(`new ${algorithm}`)).own).median
  const rows = PART_NAMES.map((part) => [
    part,
    ...algorithms.flatMap((algorithm) => {
      const share = profiles[algorithm][part]
      return [percent(share), micros(share * own(algorithm))]
    }),
  ])
  const [algorithm] = algorithms
  const needed = NEEDED.reduce((sum, part) => sum + profiles[algorithm][part], 0) * own(algorithm)
  const room = 0.15 * summarize(basesOf(forNewTokens, valuesOf(`new ${algorithm}`)).bare).median
  return [
    '### Where the time of a new token goes',
    `Samples of V8's profiler over new tokens in the process of bearward, and the same shares of the median above in microseconds. For ${algorithm} the goal leaves ${micros(room)} µs beside the signature; the digest, the JSON and the base64url alone take ${micros(needed)} µs. An inlined function counts where V8 attributes it, and garbage collection on other threads is not sampled.`,
    table(['part', ...algorithms.flatMap((name) => [name, 'µs'])], rows),
  ]
}

/** @param {(name: string) => readonly number[]} valuesOf */
const opaqueSection = (valuesOf) => [
  '## Opaque tokens with a cached introspection response',
  '100 tokens that were introspected before. None of the libraries above caches introspection responses.',
  section('opaque', forOpaqueTokens, valuesOf),
]

/**
 * @param {string} what
 * @param {readonly import('./contestants.mjs').Contestant[]} contestants
 * @param {(name: string) => readonly number[]} valuesOf
 * @returns {import('../lib/goals.mjs').Goal}
 */
function seenGoal(what, contestants, valuesOf) {
  const { median } = summarize(basesOf(contestants, valuesOf).own)
  return { what, goal: 'at most 1.5 µs', measured: micros(median), reached: median <= 1.5 }
}

/**
 * @param {string} algorithm
 * @param {(what: string) => (name: string) => readonly number[]} valuesOf
 * @returns {import('../lib/goals.mjs').Goal[]}
 */
function goalsOf(algorithm, valuesOf) {
  const figuresOf = valuesOf(`new ${algorithm}`)
  const { bare, best, own } = basesOf(forNewTokens, figuresOf)
  const caching = forNewTokens.find(({ caches }) => caches)?.name ?? ''
  const like = figuresOf(caching)
  const [toBare, toBest, toLike] = [bare, best, like].map((base) => pairedRatio(own, base))
  const minimum = forNewTokens.find(({ kind }) => kind === 'minimum')?.name ?? ''
  return [
    {
      what: `new ${algorithm} token`,
      goal: 'at most 1.15 × the bare operation',
      measured: `${times(toBare)}; ${minimum}: ${times(pairedRatio(figuresOf(minimum), bare))}`,
      reached: toBare <= 1.15,
    },
    { what: '', goal: 'less than the best peer', measured: `${times(toBest)} ×`, reached: toBest < 1 },
    { what: '', goal: `less than ${caching}`, measured: `${times(toLike)} ×`, reached: toLike < 1 },
    seenGoal(`${algorithm} token seen before`, forSeenTokens, valuesOf(`seen ${algorithm}`)),
  ]
}
