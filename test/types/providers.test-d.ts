import type { IssuerOptions, IssuerResolver } from 'bearward'
import { auth0, cognito, entra, entraTenants } from 'bearward/providers'

// A preset returns options that can be spread, and takes only its own arguments.

const issuer: IssuerOptions = { ...auth0({ domain: 'example.eu.auth0.com' }), clockTolerance: 5 }
const resolver: IssuerResolver = entraTenants({ tenants: new Set(['t']), audience: 'a' })
const tenants: IssuerResolver = {
  allow: new Set(['i']),
  resolve: async () => auth0({ domain: 'example.eu.auth0.com' }),
}
export const all = [issuer, resolver, tenants]

// @ts-expect-error: the domain is missing.
auth0({})
// @ts-expect-error: not an argument of this preset.
auth0({ domain: 'example.eu.auth0.com', realm: 'x' })
// @ts-expect-error: there are two versions.
entra({ tenant: 't', audience: 'a', version: 3 })
// @ts-expect-error: without clients, tokens for anyone would be accepted.
cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_a' })
