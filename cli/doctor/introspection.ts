import type { IssuerOptions, ResourceServer, UpstreamError } from 'bearward'
import { BearwardError } from 'bearward'
import { type Finding, ok, problem } from './finding.ts'
import { fixFor } from './fixes.ts'
import type { ObservedFetch } from './observed-fetch.ts'

/** Introspects a made-up token: an authenticated client gets `active: false` (RFC 7662 §2.2). */
export async function tryIntrospection(
  server: ResourceServer,
  observed: ObservedFetch,
  tokenPrefix: IssuerOptions['tokenPrefix'] = '',
): Promise<Finding> {
  const [prefix = ''] = [tokenPrefix].flat()
  const thrown = await caught(() => server.verify(`${prefix}bearward-doctor-${crypto.randomUUID()}`))
  if (thrown === undefined || !(thrown instanceof BearwardError))
    return lax('the endpoint calls a made-up token active')
  if (thrown.reason === 'inactive')
    return ok('introspection', 'the client may introspect, and a made-up token is inactive')
  if (thrown.status !== 503)
    return lax(`the endpoint calls a made-up token active (the token is still refused: ${thrown.reason})`)
  const error = thrown.cause as UpstreamError
  const inner = (error.cause as Partial<UpstreamError> | undefined)?.message
  const why = error.code === 'discovery' && inner !== undefined ? `${error.message}: ${inner}` : error.message
  if (error.code !== 'client_refused') return problem('introspection', why, fixFor(error, observed))
  const message =
    error.status === 401
      ? 'client authentication failed (401): the client id, the secret or the authentication method is wrong'
      : `the client is refused (${error.status}): it may not introspect, or its request is wrong`
  return problem('introspection', message, fixFor(error, observed))
}

const lax = (message: string): Finding =>
  problem('introspection', message, 'do not rely on this endpoint until that is fixed')

async function caught(step: () => unknown): Promise<unknown> {
  try {
    await step()
    return undefined
  } catch (thrown) {
    return thrown
  }
}
