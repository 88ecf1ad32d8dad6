import { createResourceServer } from 'bearward'
import { changedObject, type Json } from '../arbitraries.ts'
import { outcomeOf, type Target } from '../target.ts'
import { CLAIMS, compact, HEADER, ISSUER, json, key, NOW, RESOURCE, SMALL_CACHES } from '../tokens.ts'

const token = compact(HEADER, CLAIMS, key)
const METADATA = { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks`, id_token_signing_alg_values_supported: ['ES256'] }
const OTHERS = {
  attackers: 'https://attacker.example',
  slash: `${ISSUER}/`,
  http: 'http://auth.example.com/jwks',
  file: 'file:///etc/passwd',
  user: 'https://auth.example.com@attacker.example/jwks',
  introspection_endpoint: `${ISSUER}/introspect`,
}

/** Metadata documents of the issuer. */
export const metadata: Target<Json> = {
  name: 'metadata',
  input: changedObject(METADATA, OTHERS),
  send(document) {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: ISSUER,
      clock: () => NOW,
      cacheSize: SMALL_CACHES,
      fetch: async (url) => (String(url).includes('/.well-known/') ? json(document) : json({ keys: [key.jwk] })),
    })
    const { issuer, jwks_uri: uri } = document
    const isRight = issuer === ISSUER && typeof uri === 'string' && /^https:/i.test(uri)
    return outcomeOf(() => server.verify(token), isRight).finally(() => server.close())
  },
}
