import { badTokens } from '../lib/bad-tokens.mjs'
import { opaqueToken, SUBJECT } from '../lib/issuer.mjs'

// Some call it an error of the server if the key of a token cannot be found: not well put, but a refusal.
const FOUND_NOWHERE = ['issuer', 'kid', 'none']

/**
 * Makes sure that a server does its work: the good token gets through and the route sees whose it is, every bad one is
 * refused. Fails where not.
 *
 * @param {import('./variants.mjs').Variant} variant
 * @param {import('./load.mjs').Client} client
 * @param {import('../lib/issuer.mjs').Issuer} issuer
 */
export async function checkServer({ framework, guard, kind }, client, issuer) {
  const fail = (/** @type {string} */ text) => {
    throw new Error(`${framework}, ${guard}: ${text}`)
  }
  for (const token of kind === 'bearward' ? [issuer.sign(), opaqueToken()] : [issuer.sign()]) {
    const { status, body } = await client.send(token)
    if (status !== 200 || !body.includes(`"subject":"${SUBJECT}"`)) fail(`answers a good token with ${status} ${body}`)
  }
  if (kind === 'bare') return

  const none = await client.send()
  if (none.status !== 401) fail(`answers a request without token with ${none.status}`)
  for (const [fault, token] of Object.entries(badTokens(issuer))) {
    const { status } = await client.send(token)
    const expected = fault === 'scope' ? 403 : 401
    if (status === expected || (status === 500 && FOUND_NOWHERE.includes(fault))) continue
    fail(`answers a token with a wrong ${fault} with ${status}`)
  }
}
