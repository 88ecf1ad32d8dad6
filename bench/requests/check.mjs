import { badTokens, SUBJECT } from '../lib/issuer.mjs'

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
  const [good] = await issuer.sign(1)
  const { status, body } = await client.send(good)
  if (status !== 200 || JSON.parse(body).subject !== SUBJECT) fail(`answers a good token with ${status} ${body}`)
  if (kind === 'bare') return

  const none = await client.send()
  if (none.status !== 401) fail(`answers a request without token with ${none.status}`)
  for (const [check, token] of Object.entries(await badTokens(issuer))) {
    const { status } = await client.send(token)
    // Some answer a foreign issuer as an error of the server: not well put, but a refusal.
    if (status !== 401 && !(check === 'issuer' && status === 500)) fail(`answers a wrong ${check} with ${status}`)
  }
}
