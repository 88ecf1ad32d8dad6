import { badTokens } from '../lib/bad-tokens.mjs'
import { startChild } from '../lib/child.mjs'
import { AUDIENCE } from '../lib/issuer.mjs'

/** @typedef {import('../lib/issuer.mjs').Issuer} Issuer */
/** @typedef {import('./contestants.mjs').Contestant & { child: import('../lib/child.mjs').Child }} Running */

/**
 * Starts a process for each and makes sure that it does its work: accepts the good tokens, refuses the bad ones.
 *
 * @param {readonly import('./contestants.mjs').Contestant[]} contestants
 * @param {readonly Issuer[]} issuers
 * @returns {Promise<Running[]>}
 */
export async function startAll(contestants, issuers) {
  const started = contestants.map((contestant) => ({
    ...contestant,
    child: startChild(new URL('./worker.mjs', import.meta.url), contestant.name),
  }))
  for (const running of started) {
    for (const issuer of issuers) await setUp(running, issuer)
  }
  return started
}

/**
 * @param {Running} running
 * @param {Issuer} issuer
 */
async function setUp({ name, file, child }, issuer) {
  const { algorithm, url, jwks } = issuer
  await child.ask('setUp', { file, settings: { algorithm, issuer: url, audience: AUDIENCE, jwks } })
  const wrong = await child.ask('check', { algorithm, good: issuer.sign(), bad: badTokens(issuer) })
  if (wrong.length > 0) throw new Error(`${name} accepts ${algorithm} tokens that are wrong: ${wrong.join(', ')}`)
}
