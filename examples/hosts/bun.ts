// Bun.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 bun run bun.ts

import { app } from './orders-app.ts'
import { address } from './settings.ts'

/** The part of `bun-types` that is used here. */
declare const Bun: {
  serve(options: { hostname: string; port: number; fetch(request: Request): Promise<Response> }): {
    readonly port: number
    stop(): unknown
  }
}

const server = Bun.serve({ ...address, fetch: app })
console.log(`Orders at http://localhost:${server.port}/orders`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.stop())
