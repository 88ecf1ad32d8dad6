// The same application, with users who sign in at GitHub. It calls the API of examples/github.ts.
//
//   GITHUB_CLIENT_ID=… GITHUB_CLIENT_SECRET=… API=https://api.example.com ORIGIN=https://orders.example.com PORT=3000 node github.js
//
// The callback URL of your GitHub app is ORIGIN/callback.

import { env } from 'node:process'
import { gitHubProvider } from './providers/github.ts'
import { run } from './run.ts'
import { required, urlIn } from './settings.ts'

await run(async () => {
  const api = urlIn('API', required('API', 'the URL of the API'))
  return {
    provider: gitHubProvider({
      clientId: required('GITHUB_CLIENT_ID', 'the client ID of your GitHub app'),
      clientSecret: required('GITHUB_CLIENT_SECRET', 'a client secret of your GitHub app'),
      scope: env.SCOPE || 'read:user',
      ...(env.GITHUB_WEB && { web: env.GITHUB_WEB }),
      ...(env.GITHUB_API && { api: env.GITHUB_API }),
    }),
    reads: [
      { label: 'Who I am', method: 'GET', url: new URL('/me', api) },
      { label: 'My repositories', method: 'GET', url: new URL('/repositories', api) },
    ],
    writes: [],
  }
})
