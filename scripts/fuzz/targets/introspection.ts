import { createResourceServer } from 'bearward'
import { changedObject, type Json } from '../arbitraries.ts'
import { outcomeOf, type Target } from '../target.ts'
import { ISSUER, json, NOW, RESOURCE, SMALL_CACHES, TOLERANCE } from '../tokens.ts'

const RESPONSE = {
  active: true,
  aud: RESOURCE,
  iss: ISSUER,
  sub: 'user-1',
  client_id: 'client-1',
  scope: 'read',
  exp: NOW + 300,
  token_type: 'Bearer',
}
const OTHERS = { nbf: NOW + 3600, cnf: { jkt: 'x' }, iat: NOW, other: 'https://other.example', past: NOW - 3600 }

/** Introspection responses (RFC 7662 §2.2). */
export const introspection: Target<Json> = {
  name: 'introspection responses',
  input: changedObject(RESPONSE, OTHERS),
  send(response) {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: {
        issuer: ISSUER,
        introspection: {
          endpoint: `${ISSUER}/introspect`,
          client: { method: 'client_secret_basic', clientId: 'api', clientSecret: 'secret' },
        },
      },
      clock: () => NOW,
      cacheSize: SMALL_CACHES,
      fetch: async () => json(response),
    })
    return outcomeOf(() => server.verify('opaque-token'), mayBeActive(response)).finally(() => server.close())
  },
}

function mayBeActive({ active, aud, iss, exp, nbf }: Json): boolean {
  return (
    active === true &&
    (aud === RESOURCE || (Array.isArray(aud) && aud.includes(RESOURCE))) &&
    (iss === undefined || iss === null || iss === ISSUER) &&
    (exp === undefined || exp === null || secondsOf(exp) > NOW - TOLERANCE) &&
    (nbf === undefined || nbf === null || secondsOf(nbf) <= NOW + TOLERANCE)
  )
}

/** Some servers send a number as text, or null for a member they do not know. */
const secondsOf = (value: unknown): number => (typeof value === 'object' ? Number.NaN : Number(value))
