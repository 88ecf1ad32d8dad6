// The algorithms that every Web Crypto supports. For others, the page cannot check the signature.
const ALGORITHMS = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  ES384: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 },
}

/** @returns {Promise<boolean | undefined>} `undefined` if this browser cannot check it */
export async function verifies({ header, signed, signature }, key) {
  const algorithm = ALGORITHMS[header.alg]
  if (algorithm === undefined) return undefined
  const imported = await crypto.subtle.importKey('jwk', key, algorithm, false, ['verify'])
  return crypto.subtle.verify(algorithm, imported, signature, new TextEncoder().encode(signed))
}
