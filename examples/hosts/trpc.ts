// tRPC: procedures that need scopes, with the token in their context.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node trpc.js

import { serve } from '@hono/node-server'
import { initTRPC, TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { resourceServer } from 'bearward/fetch'
import { address, issuer, resource } from './settings.ts'

const { requireScope, metadata } = resourceServer({ resource, issuer, scopes: ['read:orders', 'write:orders'] })

interface Context {
  readonly request: Request
  /** The headers of the response. */
  readonly headers: Headers
}

const t = initTRPC.context<Context>().create()

const CODES = { 400: 'BAD_REQUEST', 401: 'UNAUTHORIZED', 403: 'FORBIDDEN', 503: 'SERVICE_UNAVAILABLE' } as const

/** A procedure that runs only with a token that has these scopes; `ctx.token` is that token. */
function procedureFor(...scopes: Parameters<typeof requireScope>) {
  const guard = requireScope(...scopes)
  return t.procedure.use(async ({ ctx, next }) => {
    const token = await guard.check(ctx.request)
    if (!(token instanceof Response)) return next({ ctx: { token } })
    // The challenge tells the client what to ask its authorization server for.
    for (const name of ['WWW-Authenticate', 'Retry-After']) {
      const value = token.headers.get(name)
      if (value !== null) ctx.headers.set(name, value)
    }
    throw new TRPCError({ code: CODES[token.status as keyof typeof CODES] ?? 'INTERNAL_SERVER_ERROR' })
  })
}

const router = t.router({
  hello: t.procedure.query(() => 'hello'), // for everyone
  orders: procedureFor('read:orders').query(({ ctx }) => ({ orders: [], for: ctx.token.subject })),
  order: procedureFor('write:orders').mutation(({ ctx }) => ({ by: ctx.token.subject })),
})

/** What clients import, as a type. */
export type AppRouter = typeof router

const serveMetadata = metadata()

async function app(request: Request): Promise<Response> {
  const document = await serveMetadata(request)
  if (document) return document
  const createContext = ({ resHeaders: headers }: { resHeaders: Headers }): Context => ({ request, headers })
  return fetchRequestHandler({ endpoint: '/trpc', req: request, router, createContext })
}

const listener = serve({ fetch: app, ...address }, ({ port }) => console.log(`tRPC at http://localhost:${port}/trpc`))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => listener.close())
