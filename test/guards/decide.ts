import { BearwardError, type BearwardEvent, createResourceServer, type GuardLike, type ReportEvent } from 'bearward'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit('http://127.0.0.1:1')

type Options = Parameters<typeof createResourceServer>[0]

/** A server that knows one key and the time it is, and a way to ask it about a token with these claims. */
export function createDecider(options: Partial<Options> = {}) {
  const warnings: ReportEvent[] = []
  const clock = { now: NOW }
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
    clock: () => clock.now,
    onEvent: (event: BearwardEvent) => void (event.type === 'report' && warnings.push(event)),
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

  /** What comes of one request on the way past these guards, each of which is mounted by itself. */
  async function stacked(guards: readonly (readonly GuardLike[])[], claims: Record<string, unknown> = {}) {
    const request = requestWith(tokenWith(claims))
    try {
      for (const list of guards) await server.authenticate(request, list)
      return 'permitted'
    } catch (thrown) {
      if (!(thrown instanceof BearwardError)) return `threw ${String(thrown)}`
      return said(thrown)
    }
  }

  return {
    server,
    clock,
    warnings,
    requestWith,
    tokenWith,
    stacked,
    decide: (guards: readonly GuardLike[], claims?: Record<string, unknown>) => stacked([guards], claims),
  }
}

const ASKED = ['error', 'scope', 'acr_values', 'max_age']

/** A refusal as the client reads it: its status, and what the challenge asks for. */
function said({ status, response: answer }: BearwardError): string {
  const field = answer?.headers['WWW-Authenticate'] ?? ''
  return [status, ...ASKED.flatMap((name) => new RegExp(` ${name}="[^"]*"`).exec(field)?.[0].trim() ?? [])].join(' ')
}
