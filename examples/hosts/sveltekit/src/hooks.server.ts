import type { Handle, RequestEvent } from '@sveltejs/kit'
import { resourceServer } from 'bearward/fetch'
import { env } from '$env/dynamic/private'

const { requireScope, metadata } = resourceServer({
  resource: env.RESOURCE ?? '',
  issuer: env.ISSUER ?? '',
  scopes: ['read:orders'],
})

const serveMetadata = metadata()
const guard = requireScope('read:orders')

/** The routes that everyone may call. All others need a token, also those that are added later. */
const OPEN: ReadonlySet<string | null> = new Set(['/health'])

export const handle: Handle = async ({ event, resolve }) => {
  const document = await serveMetadata(event.request) // where challenges point to (RFC 9728)
  if (document) return document
  // The route that SvelteKit has chosen, as a whole: by the beginning of URLs or routes, `/%61pi/orders`, `/api` and
  // `/(internal)/api/orders` would get past. A remote function has the route that its caller names in a header.
  if (OPEN.has(event.route.id) && !event.isRemoteRequest) return resolve(event)
  const token = await guard.check(withAllLines(event))
  if (token instanceof Response) return token
  event.locals.token = token
  return resolve(event)
}

/** The adapter for Node.js keeps only the first of two Authorization lines, which the guard must see (RFC 6750 §2). */
function withAllLines({ request, platform }: RequestEvent): Request {
  const lines = platform?.req?.headersDistinct.authorization ?? []
  if (lines.length < 2) return request
  const headers = new Headers(request.headers)
  headers.set('authorization', lines.join(', '))
  return new Request(request.url, { method: request.method, headers })
}
