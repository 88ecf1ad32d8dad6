// Compiled, never run: see scopes.test-d.ts.
import { createResourceServer, type IssuerOptions } from 'bearward'

const resource = 'https://api.example.com'
const issuer = 'https://auth.example.com'

createResourceServer({ resource, issuer: [issuer, { issuer, audience: null, algorithms: ['ES256', 'Ed25519'] }] })
createResourceServer({ resource, issuer: { issuer, keys: { keys: [] } } })
createResourceServer({ resource, issuer: { issuer, keys: { load: () => ({ keys: [] }) } } })
createResourceServer({ resource, issuer: { allow: new Set([issuer]), resolve: async () => ({ profile: 'rfc9068' }) } })

// @ts-expect-error no issuer
createResourceServer({ resource })
// @ts-expect-error no resource
createResourceServer({ issuer })
// @ts-expect-error an unknown option
createResourceServer({ resource, issuer, audiences: ['a'] })
// @ts-expect-error a symmetric algorithm
createResourceServer({ resource, issuer: { issuer, algorithms: ['HS256'] } })
// @ts-expect-error not a profile
createResourceServer({ resource, issuer: { issuer, profile: 'strict' } })
// @ts-expect-error an issuer object without its issuer
createResourceServer({ resource, issuer: { audience: 'a' } })
// @ts-expect-error a resolver does not name the issuer again
createResourceServer({ resource, issuer: { allow: [issuer], resolve: () => ({ issuer: 1 }) } })

const options: IssuerOptions = { issuer }
// @ts-expect-error options are read-only
options.issuer = 'https://other.example.com'
