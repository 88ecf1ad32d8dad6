import { startExpress } from './api-express.ts'
import { startFastify } from './api-fastify.ts'
import { startHono } from './api-hono.ts'
import { type AuthorizationServer, startAuthorizationServer } from './authorization-server.ts'
import { clientsOnly } from './clients.ts'
import { type OrdersApi, protection } from './orders.ts'
import { Wallet } from './wallet.ts'

/** Everything that runs in the demo. */
export interface Stage {
  readonly authorizationServer: AuthorizationServer
  readonly apis: readonly [express: OrdersApi, fastify: OrdersApi, hono: OrdersApi]
  readonly wallet: Wallet
  /** Aborted to end the demo early. */
  readonly signal: AbortSignal
  close(): Promise<void>
}

export async function openStage(signal: AbortSignal): Promise<Stage> {
  const authorizationServer = await startAuthorizationServer(clientsOnly)
  const { issuer, stop } = authorizationServer
  const options = protection(issuer)
  const closing = [stop]
  const register = (api: OrdersApi) => {
    closing.push(api.close)
    return api
  }
  const close = async () => {
    await Promise.all(closing.map((end) => end()))
  }
  try {
    const apis = [
      register(await startExpress(options)),
      register(await startFastify(options)),
      register(await startHono(options)),
    ] as const
    await Promise.all(apis.map(({ server }) => server.ready()))
    return { authorizationServer, apis, wallet: await Wallet.open(issuer), signal, close }
  } catch (thrown) {
    await close() // started servers must not keep the process alive
    throw thrown
  }
}
