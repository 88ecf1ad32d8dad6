/**
 * What grows along a curve. Everything else stays constant.
 *
 * @typedef {object} Curve
 * @property {string} name
 * @property {string} title
 * @property {string} unit
 * @property {string} text
 * @property {readonly number[]} values
 * @property {(value: number) => Partial<import('./worker.mjs').Setting>} [setting] none: it is measured through a server
 * @property {true} [flat] whether it must not cost more at the end than at the beginning
 */

/** @type {readonly Curve[]} */
export const curves = [
  {
    name: 'issuers',
    title: 'Trusted issuers',
    unit: 'issuers',
    text: 'The tokens come from all issuers in turn, with 1,000 tokens seen before at each point; each issuer has its own key.',
    values: [1, 3, 10, 30, 100, 300, 1000],
    setting: (issuers) => ({ issuers, verified: 1000 }),
    flat: true,
  },
  {
    name: 'scopes',
    title: 'Declared scopes',
    unit: 'scopes',
    text: 'The route requires one scope, the token has two.',
    values: [1, 10, 100, 1000, 10_000],
    setting: (scopes) => ({ scopes }),
    flat: true,
  },
  {
    name: 'tokens',
    title: 'Distinct tokens',
    unit: 'tokens',
    text: 'This many tokens were verified before; tokens seen before are drawn from them at random. 10,000 are cached: beyond that, a token seen before costs more and more often as much as a new one. The second request of a token only saves the signature verification.',
    values: [1, 10, 100, 1000, 3000, 10_000, 30_000, 100_000, 1_000_000],
    setting: (verified) => ({ verified }),
  },
  {
    name: 'size',
    title: 'Size of the token',
    unit: 'KiB',
    text: 'A list of groups makes the claims larger.',
    values: [0.3, 0.5, 1, 2, 4, 8],
    setting: (kibibytes) => ({ size: kibibytes * 1024 }),
  },
  {
    name: 'connections',
    title: 'Concurrent connections',
    unit: 'connections',
    text: 'Through Fastify, with one request at a time on each connection: CPU time per request, HTTP included. *Bare* is the route without a guard.',
    values: [1, 4, 16, 64, 256, 1000],
  },
]

export const KINDS = /** @type {const} */ (['new', 'seen'])
