// Compiled, never run: each line below a `@ts-expect-error` must fail to compile; all others must compile.
import { allOf, anyOf, anyScope, claim, createResourceServer, scope } from 'bearward'
import { resourceServer as onExpress } from 'bearward/express'
import { resourceServer as onFastify } from 'bearward/fastify'
import { resourceServer as onHono } from 'bearward/hono'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'

const options = {
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
} as const

const typed = onExpress(options)
typed.requireScope('read:orders', 'write:orders')
typed.requireAnyScope('write:orders')
typed.protect(scope('read:orders'), anyScope('read:orders', 'write:orders'))
typed.protect(allOf(scope('read:orders'), claim('tenant', 'acme')))
typed.protect(anyOf(scope('read:orders'), (token) => token.hasScope('write:orders')))
typed.protect(anyOf(scope('read:orders'), (token, req) => token.subject === req.params.owner))
typed.protect(
  allOf(
    (token, req) => token.issuer === req.hostname,
    anyOf(scope('read:orders'), (_, req) => req.secure),
  ),
)

// @ts-expect-error a misspelt scope
typed.requireScope('read:order')
// @ts-expect-error a misspelt scope after a good one
typed.requireScope('read:orders', 'write:order')
// @ts-expect-error no scope at all
typed.requireScope()
// @ts-expect-error the same in the other shorthand
typed.requireAnyScope('orders:read')
// @ts-expect-error a guard that names a scope which is not declared
typed.protect(scope('read:order'))
// @ts-expect-error a combination that contains one
typed.protect(allOf(scope('read:orders'), scope('admin')))
// @ts-expect-error not a guard
typed.protect('read:orders')
// @ts-expect-error a guard function returns a boolean
typed.protect(() => 'yes')

// Inline options infer the list without `as const`.
const inline = onExpress({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders'],
})
inline.requireScope('read:orders')
// @ts-expect-error a misspelt scope
inline.requireScope('write:orders')

// Without a declaration, any scope is accepted.
const open = onExpress({ resource: 'https://api.example.com', issuer: 'https://auth.example.com' })
open.requireScope('whatever:it:is')

// The token has the same scope type.
express().get('/orders/:id', typed.requireScope('read:orders'), (req, res) => {
  const token = typed.accessToken(req)
  token.hasScope('write:orders')
  // @ts-expect-error a misspelt scope
  token.hasScope('write:order')
  const scopes: readonly ('read:orders' | 'write:orders')[] = token.scopes
  // @ts-expect-error frozen
  token.scopes.push('read:orders')
  // @ts-expect-error frozen
  token.subject = 'another subject'
  res.json({ id: req.params.id, scopes })
})

const fastify = onFastify(options)
Fastify().get<{ Params: { id: string } }>(
  '/orders/:id',
  { onRequest: fastify.requireScope('read:orders'), preHandler: [fastify.optionalAuth()] },
  async (request) => ({ id: request.params.id, by: fastify.accessToken(request).subject }),
)
// @ts-expect-error a misspelt scope
fastify.requireScope('read:order')

const hono = onHono(options)
new Hono()
  .get('/orders/:id', hono.requireScope('read:orders'), (c) => {
    const subject: string | undefined = c.var.accessToken.subject
    // @ts-expect-error a misspelt scope
    c.var.accessToken.hasScope('read:order')
    return c.json({ id: c.req.param('id'), subject })
  })
  .get('/public', hono.optionalAuth(), (c) => {
    // @ts-expect-error with optionalAuth() there may be no token
    c.var.accessToken.subject
    return c.json({ subject: c.var.accessToken?.subject ?? null })
  })
  .get('/unprotected', (c) => {
    // @ts-expect-error no guard, no token
    c.var.accessToken
    return c.text('hello')
  })

// One server under several frameworks keeps its types.
const server = createResourceServer({ ...options, audit: undefined } as typeof options)
onHono(server).requireScope('read:orders')
// @ts-expect-error a misspelt scope
onHono(server).requireScope('read:order')
