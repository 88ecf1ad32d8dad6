import { faults } from '../lib/bad-tokens.mjs'
import { opaqueToken } from '../lib/issuer.mjs'

const SEEN_TOKENS = 100

/**
 * The tokens for one kind of request: one token, or none, per request.
 *
 * @typedef {object} Supply
 * @property {readonly (string | undefined)[]} warmUp
 * @property {readonly (readonly (string | undefined)[])[]} batches one for each pair
 *
 * @typedef {Record<import('./variants.mjs').Kind, Supply>} Supplies
 *
 * @typedef {object} Amounts
 * @property {number} pairs
 * @property {number} requests per batch
 * @property {number} fresh the same where each token has to be another one
 * @property {number} warmUp requests
 */

/** Those that come again and again. @param {import('../lib/issuer.mjs').Issuer} issuer */
export const seenTokens = (issuer) => issuer.tokens(SEEN_TOKENS)

/**
 * The tokens for one round. All servers of the round get the same: new ones are new to each process.
 *
 * @param {import('../lib/issuer.mjs').Issuer} issuer
 * @param {Amounts} amounts
 * @returns {Supplies}
 */
export function supplyTokens(issuer, { pairs, requests, fresh, warmUp }) {
  const again = (/** @type {readonly (string | undefined)[]} */ tokens) => ({
    warmUp: repeated(tokens, warmUp),
    batches: listOf(pairs, () => repeated(tokens, requests)),
  })
  const once = (/** @type {() => string} */ make) => ({
    warmUp: listOf(warmUp, make),
    batches: listOf(pairs, () => listOf(fresh, make)),
  })
  return {
    seen: again(seenTokens(issuer)),
    new: once(() => issuer.sign()),
    opaque: again(listOf(SEEN_TOKENS, opaqueToken)),
    none: again([undefined]),
    bad: once(() => faults.signature(issuer)),
  }
}

/**
 * Repeats the tokens up to the given length.
 *
 * @template T
 * @param {readonly T[]} tokens
 * @param {number} length
 */
export const repeated = (tokens, length) => Array.from({ length }, (_, at) => tokens[at % tokens.length])

/**
 * @template T
 * @param {number} length
 * @param {() => T} make
 */
const listOf = (length, make) => Array.from({ length }, () => make())
