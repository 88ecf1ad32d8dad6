// What runs on workerd: the Hono program of the README. Its settings come from a binding, because the address of the
// issuer is known only when the test starts.
import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'

interface Environment {
  readonly SETTINGS: Parameters<typeof resourceServer>[0]
}

function createApp({ SETTINGS }: Environment): Hono {
  const { requireScope } = resourceServer(SETTINGS)
  const app = new Hono()
  app.get('/orders', requireScope('read:orders'), (c) => c.json({ orders: [], for: c.var.accessToken.subject }))
  // Reports which signature engine the core uses.
  app.get('/runtime', (c) => c.json({ node: typeof globalThis.process?.getBuiltinModule === 'function' }))
  return app
}

let app: Hono | undefined

export default {
  fetch(request: Request, environment: Environment): Response | Promise<Response> {
    app ??= createApp(environment)
    return app.fetch(request)
  },
}
