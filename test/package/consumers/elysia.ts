import { resourceServer } from 'bearward/elysia'
import { Elysia } from 'elysia'

const { plugin, requireScope, accessToken } = resourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
})

export const app = new Elysia()
  .use(plugin())
  .get(
    '/orders',
    ({ accessToken: token }) => {
      const subject: string | undefined = token.subject
      return { for: subject }
    },
    { requireScope: ['read:orders'] },
  )
  .get('/hook', (context) => ({ for: accessToken(context).subject }), { beforeHandle: requireScope('read:orders') })

// @ts-expect-error: a misspelt scope.
requireScope('read:order')
