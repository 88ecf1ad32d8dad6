// Compiled, never run: see scopes.test-d.ts.
import { claim, createResourceServer, scope } from 'bearward'
import { type FetchHandler, resourceServer } from 'bearward/fetch'

const options = {
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
} as const
const { requireScope, protect, optionalAuth, accessToken, metadata } = resourceServer(options)

// What the host passes besides the request keeps its types.
interface Params {
  readonly params: Promise<{ readonly id: string }>
}
const get = requireScope('read:orders')(async (request, { params }: Params) => {
  const subject: string | undefined = accessToken(request).subject
  return Response.json({ id: (await params).id, subject, url: request.url })
})
const next: (request: Request, context: Params) => Promise<Response> = get
declare const request: Request
next(request, { params: Promise.resolve({ id: '1' }) })
// @ts-expect-error the parameters are missing
get(request)
// @ts-expect-error a parameter of another type
get(request, { params: { id: 1 } })

// Requests of a host are richer than `Request`.
interface HostRequest extends Request {
  readonly cookies: ReadonlyMap<string, string>
}
const rich = protect()((request: HostRequest, _env: { readonly KEY: string }, _context: object) => {
  return new Response(request.cookies.get('a'))
})
// @ts-expect-error a plain request has no cookies
rich(request, { KEY: '' }, {})

const worker: FetchHandler = protect(claim('tenant', 'acme'), scope('read:orders'))(() => new Response())
worker(request)
protect((token, request) => request.url.endsWith(token.subject ?? ''))

// @ts-expect-error a misspelt scope
requireScope('read:order')
// @ts-expect-error a handler returns a response
protect()(() => 'text')

const checked = await requireScope('read:orders').check(request)
// @ts-expect-error it may be a response
checked.subject
if (!(checked instanceof Response)) {
  checked.hasScope('write:orders')
  // @ts-expect-error a misspelt scope
  checked.hasScope('write:order')
}
const anonymous = await optionalAuth().check(request)
// @ts-expect-error it may be undefined
if (!(anonymous instanceof Response)) anonymous.subject

const document: Response | undefined = await metadata()(request)
export const served = document?.status

const server = createResourceServer({ ...options, audit: undefined } as typeof options)
// @ts-expect-error a misspelt scope
resourceServer(server).requireScope('read:order')
