import { CLERK, READER } from './clients.ts'
import type { OrdersApi } from './orders.ts'
import type { Stage } from './stage.ts'
import type { Terminal } from './terminal.ts'

/** Lines to copy, each complete in itself. */
export async function invite({ apis, wallet }: Stage, { paint, print }: Terminal): Promise<void> {
  const mayRead = `-H "Authorization: Bearer ${await wallet.renew(READER)}"`
  const mayWrite = `-H "Authorization: Bearer ${await wallet.renew(CLERK)}"`
  const line = (api: OrdersApi, answer: string, ...words: readonly string[]) => {
    print()
    print(paint('cyan', `# ${api.framework}: ${answer}`))
    print(['curl', '-i', ...words].join(' '))
  }
  const [express, fastify, hono] = apis
  print()
  print(paint('bold', 'Now you. All of it stays up until Ctrl-C, and the tokens are good for an hour.'))
  for (const api of apis) line(api, '200', mayRead, `${api.url}/orders`)
  line(express, '201', '-X POST', mayWrite, `${express.url}/orders`)
  line(fastify, '403, the token may only read', '-X POST', mayRead, `${fastify.url}/orders`)
  line(hono, '401, no token', `${hono.url}/orders`)
  line(hono, 'the metadata that challenges point to', `${hono.url}/.well-known/oauth-protected-resource`)
  print()
}
