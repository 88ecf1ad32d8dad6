import { once } from 'node:events'
import type { Server } from 'node:http'
import { type WebClientOptions, webClient } from './app.ts'
import { listening, SettingError, sessionSecret, storageIn } from './settings.ts'

type Parts = Pick<WebClientOptions, 'provider' | 'reads' | 'writes'> & { close?(): Promise<void> }

/** Runs the application until Ctrl-C. @param prepare receives the public origin */
export async function run(prepare: (origin: URL) => Promise<Parts>): Promise<void> {
  try {
    const { server, origin } = await listening()
    const storage = await storageIn()
    const { close, ...parts } = await prepare(origin)
    server.on('request', webClient({ ...parts, origin, storage, secret: sessionSecret(), log: console.log }))
    console.log(`The order book is open: ${origin}`)
    await stopped()
    await Promise.all([hangUp(server), close?.()])
    await storage.close()
  } catch (thrown) {
    if (!(thrown instanceof SettingError)) throw thrown
    console.error(thrown.message)
    process.exit(2)
  }
}

async function stopped(): Promise<void> {
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort())
  await once(stopping.signal, 'abort')
}

/** Pending requests still complete. Browsers also hold connections on which they never sent a request: those end last. */
function hangUp(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => server.closeAllConnections(), 5000)
    server.close(() => {
      clearTimeout(deadline)
      resolve()
    })
  })
}
