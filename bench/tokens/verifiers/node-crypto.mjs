import { createPublicKey, verify } from 'node:crypto'

export const DIGESTS = { RS256: 'sha256', ES256: 'sha256', EdDSA: undefined }

/**
 * The signature check alone: key, signed bytes and signature are ready.
 *
 * @param {import('../contestants.mjs').Settings} settings
 * @returns {import('../contestants.mjs').Verifier}
 */
export function create({ algorithm, jwks }) {
  const key = createPublicKey({ key: jwks.keys[0], format: 'jwk' })
  const digest = DIGESTS[/** @type {keyof typeof DIGESTS} */ (algorithm)]
  const checkedBy = /** @type {const} */ ({ key, dsaEncoding: 'ieee-p1363' })
  return {
    checks: ['signature'],
    prepare(token) {
      const dot = token.lastIndexOf('.')
      return { data: Buffer.from(token.slice(0, dot)), signature: Buffer.from(token.slice(dot + 1), 'base64url') }
    },
    verify({ data, signature }) {
      if (!verify(digest, data, checkedBy, signature)) throw new Error('wrong signature')
    },
  }
}
