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
  { fault: 'garbage', title: 'Garbage', text: 'Three parts of base64url with random bytes.' },
  { fault: 'none', title: 'No algorithm', text: '`alg: none` and an empty signature.' },
  { fault: 'oversized', title: 'Too large', text: 'A valid token of more than 8 KiB.' },
  { fault: 'issuer', title: 'Unknown issuer', text: 'Validly signed, but `iss` is not trusted.' },
  { fault: 'audience', title: 'Wrong audience', text: 'Validly signed, but for another resource.' },
  { fault: 'expired', title: 'Expired', text: 'Validly signed, expired an hour ago.' },
  {
    fault: 'kid',
    title: 'Unknown key',
    text: 'Signed with a key that is not in the set; the `kid` is not in the set either.',
  },
  { fault: 'signature', title: 'Wrong signature', text: 'One character of the signature is changed.' },
]
