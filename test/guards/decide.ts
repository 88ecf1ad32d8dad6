import { BearwardError, type BearwardEvent, createResourceServer, type GuardLike, type ReportEvent } from 'bearward'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()

type Options = Parameters<typeof createResourceServer>[0]

/** A server with one key and a fixed clock, and functions that send it tokens with given claims. */
export function createDecider(options: Partial<Options> = {}) {
  const reports: ReportEvent[] = []
  const clock = { now: NOW }
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
    clock: () => clock.now,
    onEvent: (event: BearwardEvent) => void (event.type === 'report' && reports.push(event)),
    ...options,
  })
  const tokenWith = (claims: Record<string, unknown>) => kit.token({ claims: kit.claims(claims) })
  const requestWith = (token: string) => ({
    native: {},
    method: 'GET',
    target: '/',
    authorization: [`Bearer ${token}`],
    contentType: undefined,
  })

  /** The outcome of one request through these guards, each mounted separately. */
  async function stacked(guards: readonly (readonly GuardLike[])[], claims: Record<string, unknown> = {}) {
    const request = requestWith(tokenWith(claims))
    try {
      for (const list of guards) await server.authenticate(request, list)
      return 'permitted'
    } catch (thrown) {
      if (!(thrown instanceof BearwardError)) return `threw ${String(thrown)}`
      return outcomeOf(thrown)
    }
  }

  return {
    server,
    clock,
    reports,
    requestWith,
    tokenWith,
    stacked,
    decide: (guards: readonly GuardLike[], claims?: Record<string, unknown>) => stacked([guards], claims),
  }
}

const CHALLENGE_PARAMETERS = ['error', 'scope', 'acr_values', 'max_age']

/** A refusal as the client reads it: its status and the parameters of the challenge. */
function outcomeOf({ status, response }: BearwardError): string {
  const challenge = response?.headers['WWW-Authenticate'] ?? ''
  return [
    status,
    ...CHALLENGE_PARAMETERS.flatMap((name) => new RegExp(` ${name}="[^"]*"`).exec(challenge)?.[0].trim() ?? []),
  ].join(' ')
}
