// A web application that signs users in, keeps their tokens on the server, refreshes them, and calls APIs.
//
//   npm run web-client                     with its own authorization server and three APIs, to try it out
//
// With your provider:
//
//   ISSUER=https://auth.example.com CLIENT_ID=… CLIENT_SECRET=… SCOPE='openid offline_access read:orders' \
//   RESOURCE=https://api.example.com API=https://api.example.com/orders ORIGIN=https://orders.example.com \
//   SESSION_SECRET=… REDIS_URL=redis://localhost:6379 PORT=3000 node main.js
//
// Register the redirect URI ORIGIN/callback, and ORIGIN/signed-out as the URI after signing out.

import { env } from 'node:process'
import { startLocal } from './local/local.ts'
import { openIdProvider } from './providers/openid.ts'
import { run } from './run.ts'
import { required, urlIn } from './settings.ts'

await run(async (origin) => {
  if (!env.ISSUER) {
    const local = await startLocal(origin)
    return { provider: openIdProvider(local.openId), reads: local.reads, writes: local.writes, close: local.close }
  }
  return {
    provider: openIdProvider({
      issuer: urlIn('ISSUER', env.ISSUER),
      clientId: required('CLIENT_ID', 'the client ID of this application'),
      clientSecret: required('CLIENT_SECRET', 'the client secret of this application'),
      scope: env.SCOPE || 'openid offline_access',
      resource: env.RESOURCE,
    }),
    reads: [{ label: 'Orders', method: 'GET', url: urlIn('API', required('API', 'the URL to call')) }],
    writes: [],
  }
})
