import { createResourceServer } from 'bearward'
import fc from 'fast-check'
import { changedObject, type Json } from '../arbitraries.ts'
import { outcomeOf, type Target } from '../target.ts'
import {
  attackersKey,
  CLAIMS,
  compact,
  createKey,
  HEADER,
  ISSUER,
  key,
  NOW,
  RESOURCE,
  SMALL_CACHES,
} from '../tokens.ts'

const token = compact(HEADER, CLAIMS, key)
const OTHERS = {
  use: 'enc',
  key_ops: ['sign'],
  kty: 'RSA',
  crv: 'P-384',
  n: 'AQAB',
  e: 'AQ',
  k: 'c2VjcmV0',
  x5c: ['MII'],
}
const member = fc.oneof(
  changedObject(key.jwk, OTHERS),
  changedObject(attackersKey.jwk, OTHERS),
  fc.constantFrom(createKey('key-2').jwk, createKey('key-1').jwk),
)

/** Key sets. The token is signed by a key that may or may not be in them. */
export const keySets: Target<Json> = {
  name: 'key sets',
  input: fc.oneof(
    fc.record({ keys: fc.array(member, { maxLength: 5 }) }),
    fc.array(member, { maxLength: 3 }).chain((keys) => changedObject({ keys })),
  ),
  send(set) {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: ISSUER, keys: { load: async () => set as never } },
      clock: () => NOW,
      cacheSize: SMALL_CACHES,
    })
    const text = JSON.stringify(set)
    const hasKey = text.includes(key.jwk.x as string) && text.includes(key.jwk.y as string)
    return outcomeOf(() => server.verify(token), hasKey).finally(() => server.close())
  },
}
