import { splitCompact } from '../jws/compact.ts'
import { SECRET_MEMBERS } from '../jws/jwk.ts'
import { decodeJsonObject, type JsonObject } from '../util/encoding.ts'
import { formOf } from '../verifier/token-format.ts'

/** What a text is by its looks. Nothing in it is verified. */
export type TokenShape =
  | { readonly form: 'jws'; readonly header: JsonObject; readonly claims: JsonObject }
  | { readonly form: 'jwe'; readonly header: JsonObject }
  | { readonly form: 'opaque' }
  /** It sets out to be a JWT, and is none. */
  | { readonly form: 'broken' }

/** Takes a token apart for a look at it, as far as it can be read; whether it is good is another question. */
export function shapeOf(token: string): TokenShape {
  const parts = splitCompact(token)
  const header = parts && decodeJsonObject(parts.header)
  const claims = parts && decodeJsonObject(parts.payload)
  if (header && claims) return { form: 'jws', header: withoutSecrets(header), claims }
  const five = token.split('.')
  const jwe = five.length === 5 ? decodeJsonObject(five[0] ?? '') : undefined
  if (jwe) return { form: 'jwe', header: withoutSecrets(jwe) }
  return isOpaque(token) ? { form: 'opaque' } : { form: 'broken' }
}

/** As a server judges it that introspects. */
function isOpaque(token: string): boolean {
  try {
    const readHeader = () => {
      throw new Error('a header that nobody needs')
    }
    return formOf(token, { readHeader, takesOpaque: true, introspectedIssuers: new Set() }).jwt === undefined
  } catch {
    return false
  }
}

/** A private key has no business in a header; where there is one all the same, it is not shown. */
function withoutSecrets(header: JsonObject): JsonObject {
  const { jwk } = header
  if (typeof jwk !== 'object' || jwk === null) return header
  const shown = Object.entries(jwk).map(([name, value]) => [name, SECRET_MEMBERS.includes(name) ? '[secret]' : value])
  return { ...header, jwk: Object.fromEntries(shown) as JsonObject }
}
