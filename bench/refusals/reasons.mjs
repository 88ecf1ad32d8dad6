/**
 * Bad tokens as they really arrive.
 *
 * @typedef {object} Reason
 * @property {import('../lib/bad-tokens.mjs').Fault} fault
 * @property {string} title
 * @property {string} text
 */

/** @type {readonly Reason[]} */
export const reasons = [
  { fault: 'garbage', title: 'Garbage', text: 'Three parts of base64url that hold nothing but random bytes.' },
  { fault: 'none', title: 'No algorithm', text: '`alg: none` and an empty signature.' },
  { fault: 'oversized', title: 'Too large', text: 'A good token of more than 8 KiB.' },
  { fault: 'issuer', title: 'Unknown issuer', text: 'Signed well, but `iss` is nobody we trust.' },
  { fault: 'audience', title: 'Wrong audience', text: 'Signed well, but meant for another resource.' },
  { fault: 'expired', title: 'Expired', text: 'Signed well, an hour too old.' },
  {
    fault: 'kid',
    title: 'Unknown key',
    text: 'Signed with a key that is not in the set, under a `kid` that is not either.',
  },
  { fault: 'signature', title: 'Wrong signature', text: 'One character of the signature is another one.' },
]
