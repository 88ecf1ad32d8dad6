import { randomInt } from 'node:crypto'
import { importBearward } from '../lib/bearward.mjs'
import { cpuTime, serve } from '../lib/child.mjs'
import { collectYoung } from '../lib/collect.mjs'
import { AUDIENCE, createIssuer, SCOPE } from '../lib/issuer.mjs'
import { sizedToken } from '../lib/sized-token.mjs'
import { create as createLookUp } from '../tokens/verifiers/look-up.mjs'
import { create as createVerify } from '../tokens/verifiers/node-crypto.mjs'

const ALGORITHM = 'ES256' // the quickest to sign and verify a million of

// New tokens, and calls with verified ones, before anything counts: enough that all code has been compiled for good.
const WARM_UP = { new: 3000, verified: 50_000 }

const { createResourceServer, scope } = await importBearward()

/**
 * One point of a curve.
 *
 * @typedef {object} Setting
 * @property {number} issuers
 * @property {number} scopes
 * @property {number} [size] of a token, in characters
 * @property {number} verified how many tokens have been verified before
 * @property {number} draws how many of them will come again, those that come twice counted twice
 */

/** @type {import('../lib/issuer.mjs').Issuer[]} */
let issuers = []
/** @type {(token: string) => unknown} */
let authenticate
/** @type {ReturnType<typeof createVerify>[]} */
let bareVerifiers = []
/** @type {string[]} */
let drawn = []
/** @type {(at: number) => string} */
let newToken
const lookUp = createLookUp()

serve({
  /** @param {Setting} setting */
  async setUp(setting) {
    issuers = Array.from({ length: setting.issuers }, (_, at) =>
      createIssuer(ALGORITHM, `https://issuer-${at}.example.com`),
    )
    bareVerifiers = issuers.map(({ algorithm, url, jwks }) =>
      createVerify({ algorithm, audience: AUDIENCE, issuer: url, jwks }),
    )
    newToken = (at) => {
      const issuer = issuers[at % issuers.length]
      return setting.size ? sizedToken(issuer, setting.size) : issuer.sign()
    }
    const server = createResourceServer({
      resource: AUDIENCE,
      issuer: issuers.map(({ url, jwks }) => ({ issuer: url, keys: jwks })),
      scopes: [SCOPE, ...Array.from({ length: setting.scopes - 1 }, (_, at) => `scope-${at}`)],
    })
    const guards = server.guards(scope(SCOPE))
    authenticate = (token) => {
      const authorization = [`Bearer ${token}`]
      return server.authenticate(
        { native: {}, method: 'GET', target: '/orders', authorization, contentType: undefined },
        guards,
      )
    }
    await server.ready()
    for (let at = 0; at < WARM_UP.new; at++) await authenticate(newToken(at))
    await warmCache(setting)
    for (let at = 0; at < WARM_UP.verified; at++) await authenticate(copyOf(drawn[at % drawn.length]))
  },

  /** CPU time per token in microseconds: ours, and that of the bare operation. */
  measure({ kind, calls, round }) {
    if (kind === 'seen') {
      const tokens = drawn.slice(round * calls, (round + 1) * calls).map(copyOf)
      return { bearward: time(tokens, authenticate), bare: time(tokens.map(copyOf), lookUp.verify) }
    }
    const tokens = Array.from({ length: calls }, (_, at) => newToken(at))
    const inputs = tokens.map((token, at) => ({ at, input: bareVerifiers[0].prepare?.(token) }))
    const verify = (/** @type {typeof inputs[0]} */ { at, input }) =>
      bareVerifiers[at % bareVerifiers.length].verify(input)
    return { bearward: time(tokens.map(copyOf), authenticate), bare: time(inputs, verify) }
  },
})

/**
 * Verifies the given number of tokens, and keeps a random selection for repeated use. The selection is made beforehand,
 * because a million tokens do not fit into memory.
 *
 * @param {Setting} setting
 */
async function warmCache({ verified, draws }) {
  const picks = Array.from({ length: draws }, () => randomInt(verified))
  const repeated = new Set(picks)
  /** @type {Map<number, string>} */
  const tokens = new Map()
  for (let at = 0; at < verified; at++) {
    const token = newToken(at)
    if (repeated.has(at)) tokens.set(at, token)
    await authenticate(token)
    lookUp.verify(token)
  }
  drawn = picks.map((at) => /** @type {string} */ (tokens.get(at)))
}

/**
 * @template T
 * @param {readonly T[]} inputs
 * @param {(input: T) => unknown} action
 */
function time(inputs, action) {
  collectYoung()
  const before = cpuTime()
  for (const input of inputs) action(input)
  return (cpuTime() - before) / inputs.length
}

/** A new string, as each request has one. @param {string} token */
const copyOf = (token) => Buffer.from(token, 'latin1').toString('latin1')
