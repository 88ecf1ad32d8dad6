import { createResourceServer } from 'bearward'
import fc from 'fast-check'
import { changedObject, changedText, type Json } from '../arbitraries.ts'
import { outcomeOf, type Target } from '../target.ts'
import { attackersKey, CLAIMS, compact, HEADER, ISSUER, key, mayBeValid, NOW, RESOURCE } from '../tokens.ts'

const server = createResourceServer({
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: { keys: [key.jwk] } },
  clock: () => NOW,
})

const OTHER_HEADERS = {
  alg: 'none',
  typ: 'JWT',
  kid: 'key-2',
  crit: ['exp'],
  b64: false,
  jwk: attackersKey.jwk,
  zip: 'DEF',
}
const OTHER_CLAIMS = { nbf: NOW + 3600, nonce: 'n', at_hash: 'h', cnf: { jkt: 'x' }, events: {} }

interface Input {
  readonly header: Json
  readonly claims: Json
  /** Signed by the issuer, and not changed afterwards. */
  readonly isOurs: boolean
  readonly token: string
}

/** JWTs with a right or wrong signature over changed headers and claims, changed again as text. */
export const tokens: Target<Input> = {
  name: 'tokens',
  input: fc
    .record({
      header: changedObject(HEADER, OTHER_HEADERS),
      claims: changedObject(CLAIMS, OTHER_CLAIMS),
      isOurs: fc.boolean(),
      isEdited: fc.boolean(),
    })
    .chain(({ isEdited, ...parts }) => {
      const signed = compact(parts.header, parts.claims, parts.isOurs ? key : attackersKey)
      const token = isEdited ? changedText(signed) : fc.constant(signed)
      return token.map((text) => ({ ...parts, isOurs: parts.isOurs && text === signed, token: text }))
    }),
  send: ({ header, claims, isOurs, token }) =>
    outcomeOf(
      () => server.verify(token),
      isOurs && header.alg === 'ES256' && header.crit === undefined && mayBeValid(claims),
    ),
}
