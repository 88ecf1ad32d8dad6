import { type Discovery, RETRY_DELAY } from '../discovery/discovery-cache.ts'
import { type MetadataUrl, urlOf } from '../discovery/fetch-metadata.ts'
import type { Upstream } from '../upstream/client.ts'
import { withDeadline } from '../upstream/deadline.ts'
import { type Exchange, isJson, parseJson } from '../upstream/fetch.ts'
import type { Closing } from '../upstream/shutdown.ts'
import { requestedDelay, UpstreamError } from '../upstream/upstream-error.ts'
import type { DeadlineTimer } from '../util/deadline-timer.ts'
import type { AuthenticateClient, ClientProof } from './client-authentication.ts'
import { endpointUrl } from './endpoint-url.ts'
import type { Introspect } from './request.ts'
import { type IntrospectionResult, readResponse } from './response.ts'
import type { EndpointSettings } from './settings.ts'

export interface EndpointContext {
  readonly discovery: Discovery
  readonly upstream: Upstream
  readonly authenticate: AuthenticateClient
  /** Reads signed responses; `undefined` if plain ones are accepted. */
  readonly readSigned: ((text: string) => IntrospectionResult | Promise<IntrospectionResult>) | undefined
  readonly closing: Closing
}

/** Requests to the introspection endpoint of an issuer (RFC 7662 §2.1). */
export function endpointIntrospection(settings: EndpointSettings, context: EndpointContext): Introspect {
  const { discovery, upstream, authenticate, closing } = context
  const member = endpointUrl(settings)
  /** A discovered endpoint that fails may have moved, whatever is there now. */
  let isFailing = false
  const format = context.readSigned ? signedResponses(context.readSigned) : PLAIN_RESPONSES

  return async (token, time) => {
    const url = settings.endpoint ?? (await discovered(discovery, member, time, isFailing ? RETRY_DELAY : undefined))
    const proof = await withDeadline(time.remaining(), closing, ({ race }) => race(Promise.resolve(authenticate())))
    try {
      const exchange = exchangeFor(url, token, proof, format)
      const response = await upstream('introspection', exchange, Math.max(1, time.remaining()))
      isFailing = false
      return response
    } catch (thrown) {
      isFailing = true
      const isGone = thrown instanceof UpstreamError && GONE.includes(thrown.status)
      if (isGone && settings.endpoint === undefined) discovery.invalidate()
      throw thrown
    }
  }
}

async function discovered(
  discovery: Discovery,
  member: MetadataUrl,
  time: DeadlineTimer,
  maxAge: number | undefined,
): Promise<string> {
  try {
    return urlOf(await discovery.find(Math.max(1, time.remaining()), maxAge), member)
  } catch (cause) {
    // A separate code, because failed discovery says nothing about the endpoint.
    const retryAfter = cause instanceof UpstreamError ? requestedDelay(cause) : undefined
    throw new UpstreamError('discovery', 'no introspection endpoint was discovered', { cause, retryAfter })
  }
}

// A discovered endpoint with one of these statuses may have moved.
const GONE: readonly unknown[] = [404, 405, 410]

// RFC 7662 §2.3: they concern our client and our request, never the token.
const REFUSALS = [400, 401, 403]

type Format = Pick<Required<Exchange<IntrospectionResult>>, 'accepts' | 'read'> & { readonly accept: string }

const PLAIN_RESPONSES: Format = {
  accept: 'application/json',
  accepts: isJson,
  read: (text) => readResponse(parseJson(text)),
}

const SIGNED = 'application/token-introspection+jwt'

const signedResponses = (read: (text: string) => IntrospectionResult | Promise<IntrospectionResult>): Format => ({
  accept: SIGNED,
  accepts: (mediaType) => mediaType === SIGNED,
  read,
})

function exchangeFor(url: string, token: string, proof: ClientProof, format: Format): Exchange<IntrospectionResult> {
  const { accept, accepts, read } = format
  return {
    url,
    method: 'POST',
    headers: { accept, 'content-type': 'application/x-www-form-urlencoded', ...proof.headers },
    body: new URLSearchParams({ token, token_type_hint: 'access_token', ...proof.parameters }).toString(),
    accepts,
    errorCodeFor: (status) => (REFUSALS.includes(status) ? 'client_refused' : undefined),
    read,
  }
}
