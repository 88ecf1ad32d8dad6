import { CLERK, READER } from './clients.ts'
import type { OrdersApi } from './orders.ts'
import type { Stage } from './stage.ts'
import type { Terminal } from './terminal.ts'

/** Prints complete curl commands to copy. */
export async function printCommands({ apis, wallet }: Stage, { paint, print }: Terminal): Promise<void> {
  const mayRead = `-H "Authorization: Bearer ${await wallet.renew(READER)}"`
  const mayWrite = `-H "Authorization: Bearer ${await wallet.renew(CLERK)}"`
  const line = (api: OrdersApi, result: string, ...words: readonly string[]) => {
    print()
    print(paint('cyan', `# ${api.framework}: ${result}`))
    print(['curl', '-i', ...words].join(' '))
  }
  const [express, fastify, hono] = apis
  print()
  print(paint('bold', 'Your turn. Everything runs until Ctrl-C, and the tokens are valid for an hour.'))
  for (const api of apis) line(api, '200', mayRead, `${api.url}/orders`)
  line(express, '201', '-X POST', mayWrite, `${express.url}/orders`)
  line(fastify, '403, the token may only read', '-X POST', mayRead, `${fastify.url}/orders`)
  line(hono, '401, no token', `${hono.url}/orders`)
  line(hono, 'the metadata that challenges point to', `${hono.url}/.well-known/oauth-protected-resource`)
  print()
}
