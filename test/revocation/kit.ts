import { createResourceServer, type ResourceServerOptions } from 'bearward'
import { type RevocationOptions, type Revocations, revocation } from 'bearward/revocation'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { createLog, send } from '../support/upstream/requests.ts'

export const kit = createKit()

/** A server with revocations and a clock that the test sets. */
export function createRevokingServer(
  options: Partial<ResourceServerOptions> = {},
  revoking: RevocationOptions | Revocations = {},
) {
  const clock = { now: NOW }
  const log = createLog()
  const revoked = 'revoke' in revoking ? revoking : revocation(revoking)
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
    clock: () => clock.now,
    onEvent: log.onEvent,
    revocation: revoked,
    ...options,
  })
  return {
    clock,
    log,
    revoked,
    server,
    /** `allowed`, or the reason. */
    async outcome(token: string): Promise<string> {
      const { status, reason } = await send(server, token)
      return reason ?? (status === 200 ? 'allowed' : String(status))
    },
  }
}

export const tokenWith = (claims: Record<string, unknown> = {}): string => kit.token({ claims: kit.claims(claims) })
