// Compiled, never run: see scopes.test-d.ts.
import { createResourceServer } from 'bearward'
import { resourceServer } from 'bearward/express'
import { z } from 'zod'

const base = { resource: 'https://api.example.com', issuer: 'https://auth.example.com' }

const { protect, accessToken } = resourceServer({
  ...base,
  claims: z.object({ sub: z.string(), tenant: z.string(), level: z.coerce.number() }),
})

protect((token, req) => {
  const tenant: string = token.claims.tenant
  const level: number = token.claims.level
  // @ts-expect-error not in the schema
  token.claims.department
  // @ts-expect-error frozen
  token.claims.tenant = 'other'
  const tokenInRequest = accessToken(req)
  const same: string = tokenInRequest.claims.tenant
  return tenant === same && level > 1 && req.params.tenant === tenant
})

// Without a schema the registered claims have their types, and all others are unknown.
const plain = createResourceServer(base)
const token = await plain.verify('…')
const expires: number | undefined = token.expiresAt
const audience: string | readonly string[] | undefined = token.claims.aud
// @ts-expect-error unknown until it is checked
const tenant: string = token.claims.tenant

export { audience, expires, tenant }
