import type { ResourceServer, UpstreamError } from 'bearward'
import { BearwardError } from 'bearward'
import { fixFor } from './faults.ts'
import { type Finding, ok, problem } from './finding.ts'
import type { ObservedFetch } from './observed-fetch.ts'

/** Asks about a token that nobody has ever issued: whoever is let in hears that it is not active (RFC 7662 §2.2). */
export async function tryIntrospection(server: ResourceServer, observed: ObservedFetch): Promise<Finding> {
  const thrown = await caught(() => server.verify(`bearward-doctor-${crypto.randomUUID()}`))
  if (thrown === undefined || !(thrown instanceof BearwardError)) return lax('it calls a token active that was made up')
  if (thrown.reason === 'inactive') return ok('introspection', 'the client is let in: a made-up token is not active')
  if (thrown.status !== 503)
    return lax(`it calls a token active that was made up (refused all the same: ${thrown.reason})`)
  const fault = thrown.cause as UpstreamError
  const inner = (fault.cause as Partial<UpstreamError> | undefined)?.message
  const why = fault.code === 'discovery' && inner !== undefined ? `${fault.message}: ${inner}` : fault.message
  if (fault.code !== 'client_refused') return problem('introspection', why, fixFor(fault, observed))
  const message =
    fault.status === 401
      ? 'the client is not let in (401): its id, its secret or the way of sending it is wrong'
      : `the client is not let in (${fault.status}): it may not introspect, or asks wrongly`
  return problem('introspection', message, fixFor(fault, observed))
}

const lax = (message: string): Finding =>
  problem('introspection', message, 'do not rely on this endpoint before that is mended')

async function caught(step: () => unknown): Promise<unknown> {
  try {
    await step()
    return undefined
  } catch (thrown) {
    return thrown
  }
}
