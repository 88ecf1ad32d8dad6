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
  { fault: 'garbage', title: 'Garbage', text: 'Three base64url parts of random bytes.' },
  { fault: 'none', title: 'No algorithm', text: '`alg: none` and an empty signature.' },
  { fault: 'oversized', title: 'Too large', text: 'A good token of more than 8 KiB.' },
  { fault: 'issuer', title: 'Unknown issuer', text: 'Signed correctly, but by an `iss` that is not trusted.' },
  { fault: 'audience', title: 'Wrong audience', text: 'Signed correctly, but for another resource.' },
  { fault: 'expired', title: 'Expired', text: 'Signed correctly, but expired an hour ago.' },
  {
    fault: 'kid',
    title: 'Unknown key',
    text: 'Signed with a key that is not in the set, with an unknown `kid`.',
  },
  { fault: 'signature', title: 'Wrong signature', text: 'One character of the signature is changed.' },
]
