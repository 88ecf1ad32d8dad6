// Deno.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 deno run --allow-net --allow-env deno.ts

import { app } from './orders-app.ts'
import { address } from './settings.ts'

/** The part of Deno's types that is used here. */
declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen(at: { readonly port: number }): void },
    handler: (request: Request) => Promise<Response>,
  ): { shutdown(): Promise<void> }
}

const onListen = ({ port }: { readonly port: number }) => console.log(`Orders at http://localhost:${port}/orders`)
const server = Deno.serve({ ...address, onListen }, app)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.shutdown())
