import { invalidToken, Refusal } from '../errors/refusal.ts'
import { splitCompact } from '../jws/compact.ts'
import { SECRET_MEMBERS } from '../jws/jwk.ts'
import { decodeJsonObject, type JsonObject } from '../util/encoding.ts'
import { formatOf } from '../verifier/jwt-or-opaque.ts'

/** The format of a token. Nothing in it is verified. */
export type TokenShape =
  | { readonly form: 'jws'; readonly header: JsonObject; readonly claims: JsonObject }
  | { readonly form: 'jwe'; readonly header: JsonObject }
  | { readonly form: 'opaque' }
  /** It looks like a JWT but is not one. */
  | { readonly form: 'broken' }

/** Decodes a token as far as it is readable, without checking whether it is valid. */
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

/** Uses the rules of a server that introspects. */
function isOpaque(token: string): boolean {
  const readHeader = () => invalidToken('malformed')
  const format = formatOf(token, {
    readHeader,
    takesOpaque: true,
    introspectedIssuers: new Map(),
    issuerOf: () => undefined,
  })
  return !(format instanceof Refusal) && format.jwt === undefined
}

/** Masks private key material, which a header must not contain but may. */
function withoutSecrets(header: JsonObject): JsonObject {
  const { jwk } = header
  if (typeof jwk !== 'object' || jwk === null) return header
  const members = Object.entries(jwk).map(([name, value]) => [name, SECRET_MEMBERS.includes(name) ? '[secret]' : value])
  return { ...header, jwk: Object.fromEntries(members) as JsonObject }
}
