/** The API's limit. */
const LIMIT = 8192

const PART = /^[\w-]*$/

/**
 * Parses a token without contacting its issuer.
 *
 * @returns {{ form: 'empty' } | { form: 'opaque' } | { form: 'too large' } | { form: 'broken', problem: string }
 *   | { form: 'jwt', header: object, claims: object, signed: string, signature: Uint8Array }}
 */
export function parse(text) {
  const token = text.trim()
  if (token === '') return { form: 'empty' }
  if (token.length > LIMIT) return { form: 'too large' }
  const parts = token.split('.')
  if (parts.length === 5)
    return { form: 'broken', problem: 'Five parts: this token is encrypted (JWE), which the API does not accept.' }
  const header = objectIn(parts[0])
  if (parts.length !== 3) {
    // A token that starts like a JWT is evaluated as one: introspection must not be more lenient.
    return header?.alg === undefined ? { form: 'opaque' } : { form: 'broken', problem: 'A JWT has three parts.' }
  }
  if (header === undefined) return { form: 'opaque' }
  const claims = objectIn(parts[1])
  if (claims === undefined) return { form: 'broken', problem: 'The middle part is not a JSON object in base64url.' }
  const signature = bytesIn(parts[2])
  if (signature === undefined) return { form: 'broken', problem: 'The signature is not base64url.' }
  return { form: 'jwt', header, claims, signed: `${parts[0]}.${parts[1]}`, signature }
}

/** RFC 7515 §2: base64url without padding and without unused bits. */
function bytesIn(part) {
  if (!PART.test(part) || part.length % 4 === 1) return undefined
  const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
  if (btoa(binary).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_') !== part) return undefined
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

function objectIn(part) {
  const bytes = bytesIn(part)
  if (bytes === undefined || bytes.length === 0) return undefined
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
