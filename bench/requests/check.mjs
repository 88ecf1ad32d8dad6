import { badTokens } from '../lib/bad-tokens.mjs'
import { opaqueToken, SUBJECT } from '../lib/issuer.mjs'
import { GUARDED, OPEN } from './routes.mjs'

// Some call it an error of the server if the key of a token cannot be found: not well put, but a refusal.
const FOUND_NOWHERE = ['issuer', 'kid', 'none']

/**
 * Checks that a server works: its open route accepts everything; its guarded route accepts the good token and knows its
 * subject, and refuses every bad one. Otherwise it fails.
 *
 * @param {import('./variants.mjs').Variant} variant
 * @param {import('./load.mjs').Client} client
 * @param {import('../lib/issuer.mjs').Issuer} issuer
 */
export async function checkServer({ framework, guard, kind }, client, issuer) {
  const fail = (/** @type {string} */ text) => {
    throw new Error(`${framework}, ${guard}: ${text}`)
  }
  const expectSubject = async (/** @type {string} */ path, /** @type {string | undefined} */ token) => {
    const { status, body } = await client.send(path, token)
    if (status !== 200 || !body.includes(`"subject":"${SUBJECT}"`)) fail(`${path} responds with ${status} ${body}`)
  }
  await expectSubject(OPEN, undefined)
  await expectSubject(OPEN, issuer.sign())
  await expectSubject(GUARDED, issuer.sign())
  if (kind === 'bearward') await expectSubject(GUARDED, opaqueToken())

  const none = await client.send(GUARDED)
  if (none.status !== 401) fail(`responds to a request without a token with ${none.status}`)
  for (const [fault, token] of Object.entries(badTokens(issuer))) {
    const { status } = await client.send(GUARDED, token)
    const expected = fault === 'scope' ? 403 : 401
    if (status === expected || (status === 500 && FOUND_NOWHERE.includes(fault))) continue
    fail(`responds to a token with a wrong ${fault} with ${status}`)
  }
}
