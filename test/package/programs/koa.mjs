import { once } from 'node:events'
import { resourceServer } from 'bearward/koa'
import Koa from 'koa'
import { exercise, issuer, keys, resource } from './token.mjs'

const { requireScope } = resourceServer({ resource, issuer: { issuer, keys } })

const app = new Koa().use(requireScope('read:orders')).use((ctx) => {
  ctx.body = { for: ctx.state.accessToken.subject }
})

const listener = app.listen(0, '127.0.0.1')
await once(listener, 'listening')
await exercise((headers) => fetch(`http://127.0.0.1:${listener.address().port}/orders`, { headers }))
listener.close()
listener.closeAllConnections()
