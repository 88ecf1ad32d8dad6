import { createResourceServer, type RevocationState } from 'bearward'
import { type RevocationEntry, type RevocationStore, revocation } from 'bearward/revocation'

export const revoked = revocation({ maxLifetime: 3600 })
export const entry: Promise<RevocationEntry> = revoked.revoke({ sub: 'alice' }, { before: 1 })
export const store: RevocationStore | undefined = undefined

export const server = createResourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  revocation: revoked,
})
export const state: RevocationState | undefined = server.state().revocation

// @ts-expect-error: two targets.
revoked.revoke({ sub: 'alice', all: true })

// @ts-expect-error: all tokens of which issuer?
revoked.revoke({ all: true })
