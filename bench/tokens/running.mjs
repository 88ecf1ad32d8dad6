import { badTokens } from '../lib/bad-tokens.mjs'
import { startChild } from '../lib/child.mjs'
import { AUDIENCE, opaqueToken } from '../lib/issuer.mjs'

/** @typedef {import('../lib/issuer.mjs').Issuer} Issuer */
/** @typedef {import('./contestants.mjs').Contestant & { child: import('../lib/child.mjs').Child }} Running */

/** In the place of one that signs. */
export const opaqueIssuer = {
  url: 'https://issuer.example.com',
  algorithm: 'opaque',
  jwks: { keys: [] },
  sign: opaqueToken,
  badTokens: { unknown: 'made-up' },
}

/**
 * Starts a process for each and makes sure that it does its work: accepts the good tokens, refuses the bad ones. A
 * process uses one algorithm, as most servers do: code that has seen several is slower.
 *
 * @param {readonly import('./contestants.mjs').Contestant[]} contestants
 * @param {Issuer | typeof opaqueIssuer} issuer
 * @returns {Promise<Running[]>}
 */
export async function startAll(contestants, issuer) {
  const { algorithm, url, jwks } = issuer
  const bad = 'badTokens' in issuer ? issuer.badTokens : badTokens(issuer)
  const settings = { algorithm, issuer: url, audience: AUDIENCE, jwks }
  return Promise.all(
    contestants.map(async (contestant) => {
      const { name, file } = contestant
      const child = startChild(new URL('./worker.mjs', import.meta.url), `${name}, ${algorithm}`)
      await child.call('setUp', { file, settings })
      const wrong = await child.call('check', { good: issuer.sign(), bad })
      if (wrong.length > 0) throw new Error(`${name} accepts ${algorithm} tokens that are wrong: ${wrong.join(', ')}`)
      return { ...contestant, child }
    }),
  )
}
