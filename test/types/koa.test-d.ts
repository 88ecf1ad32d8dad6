// Compiled, never run: see scopes.test-d.ts.
import { claim, scope } from 'bearward'
import { resourceServer } from 'bearward/koa'
import Koa from 'koa'

const { requireScope, protect, optionalAuth, accessToken, metadata } = resourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
})

new Koa()
  .use(metadata())
  .use(requireScope('read:orders'))
  .use((ctx) => {
    const subject: string | undefined = ctx.state.accessToken.subject
    ctx.state.accessToken.hasScope('write:orders')
    // @ts-expect-error a misspelt scope
    ctx.state.accessToken.hasScope('write:order')
    ctx.body = [subject, accessToken(ctx).subject]
  })

new Koa<{ readonly id: string }>().use(optionalAuth()).use((ctx) => {
  // @ts-expect-error behind optionalAuth() there may be no token
  ctx.state.accessToken.subject
  ctx.body = [ctx.state.id, ctx.state.accessToken?.subject]
})

protect(scope('read:orders'), claim('tenant', 'acme'), (token, ctx) => token.subject === ctx.query.owner)
// @ts-expect-error a misspelt scope
requireScope('read:order')
// @ts-expect-error a guard that names a scope which is not declared
protect(scope('read:order'))
