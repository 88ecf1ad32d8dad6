import { randomBytes } from 'node:crypto'
import { importBearward } from '../../lib/bearward.mjs'
import { createCheck, whenDecided } from '../hand-written.mjs'

/**
 * What is refused: a request without a token, or one whose token has a wrong signature.
 *
 * @typedef {'none' | 'bad'} Refused
 */

/** @type {readonly Refused[]} */
export const REFUSED = ['none', 'bad']

/** A route without a guard, which responds as bearward refuses. @param {Refused} refused */
export const bareRoute = (refused) => `respond-${refused}`

/** A hook written by hand that refuses so. */
export const BY_HAND = 'refuse'

/** The routes that are compared: all respond with the same bytes. @param {Refused} refused */
export const refusingRoutes = (refused) => [bareRoute(refused), BY_HAND, 'guard']

/** @typedef {{ status: number, headers: Record<string, string>, body: string }} Refusal */

/**
 * The refusals of bearward, and a check written by hand that finds which one to respond with.
 *
 * @param {any} server of bearward
 * @param {import('../server.mjs').Settings} settings
 */
export async function createRefusals(server, settings) {
  const { scope } = await importBearward()
  const guards = server.guards(scope(settings.scope))
  const check = await createCheck(settings)
  /** @param {string[]} authorization @returns {Promise<Refusal>} */
  const refusalOf = async (...authorization) => {
    const request = { native: {}, method: 'GET', target: '/', authorization, contentType: undefined }
    const { response } = await server.decide(request, guards)
    return response
  }
  const none = await refusalOf()
  const bad = await refusalOf(`Bearer ${settings.badToken}`)
  /**
   * @template T
   * @param {string | undefined} authorization
   * @param {(refusal: Refusal | undefined) => T} next
   */
  const refuse = (authorization, next) =>
    authorization === undefined
      ? next(none)
      : whenDecided(check(authorization), ({ status }) => next(status === 200 ? undefined : bad))
  return { none, bad, refuse }
}

/**
 * Tokens with another signature each, of the same length. The first byte is 0, so that the signature is a number that the key
 * can have made.
 *
 * @param {string} token
 * @param {number} count
 */
export function withWrongSignatures(token, count) {
  const signed = token.slice(0, token.lastIndexOf('.') + 1)
  const length = Buffer.from(token.slice(signed.length), 'base64url').length
  return Array.from({ length: count }, () => {
    const signature = randomBytes(length)
    signature[0] = 0
    return signed + signature.toString('base64url')
  })
}
