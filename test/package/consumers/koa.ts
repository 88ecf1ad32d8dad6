import { resourceServer } from 'bearward/koa'
import Koa from 'koa'

const { requireScope, accessToken } = resourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
})

export const app = new Koa().use(requireScope('read:orders')).use((ctx) => {
  const subject: string | undefined = ctx.state.accessToken.subject
  ctx.body = [subject, accessToken(ctx).subject]
})

// @ts-expect-error: a misspelt scope.
requireScope('read:order')
