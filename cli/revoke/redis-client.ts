import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { IoredisClient, NodeRedisClient } from 'bearward/redis'
import { CommandError, UsageError } from '../context.ts'

/** A connected client, and how to close it. */
export interface Connection {
  readonly client: NodeRedisClient | IoredisClient
  close(): void
}

interface Client {
  on(event: 'error', listener: () => void): unknown
  connect(): Promise<unknown>
  disconnect(): unknown
}

interface Library {
  readonly createClient?: (options: object) => Client
  readonly Redis?: new (url: string, options: object) => Client
}

const TIMEOUT = 5000

async function silence(): Promise<never> {
  await setTimeout(TIMEOUT, undefined, { ref: false })
  throw Object.assign(new Error('no response'), { code: 'ETIMEDOUT' })
}

/** Connects with `redis` or `ioredis`, whichever the application in this folder has installed. */
export async function connectTo(url: string, folder: string): Promise<Connection> {
  const { createClient, Redis } = await installedIn(folder)
  let client: Client | undefined
  const close = async () => client?.disconnect()
  try {
    client = createClient
      ? createClient({ url, socket: { connectTimeout: TIMEOUT, reconnectStrategy: false } })
      : Redis && new Redis(url, { lazyConnect: true, connectTimeout: TIMEOUT, retryStrategy: () => null })
    if (!client) throw new UsageError('the installed Redis client is not supported; update it')
    client.on('error', () => undefined) // connect() rejects
    // Their own timeout ends with the TCP connection: a server that accepts it and says nothing would never end.
    await Promise.race([client.connect(), silence()])
    return { client: client as unknown as Connection['client'], close: () => void close().catch(() => undefined) }
  } catch (thrown) {
    await close().catch(() => undefined)
    if (thrown instanceof UsageError) throw thrown
    // Not its message, which may contain the URL with its password.
    const { code, name } = thrown as { readonly code?: unknown; readonly name?: unknown }
    throw new CommandError(`the store cannot be reached (${typeof code === 'string' ? code : name})`)
  }
}

async function installedIn(folder: string): Promise<Library> {
  const { resolve } = createRequire(join(folder, 'package.json'))
  for (const name of ['redis', 'ioredis']) {
    let path: string
    try {
      path = resolve(name)
    } catch {
      continue
    }
    const loaded = (await import(pathToFileURL(path).href)) as Library & { readonly default?: Library }
    return { ...loaded.default, ...loaded }
  }
  throw new UsageError('there is no Redis client in this folder; install one: npm install redis (or ioredis)')
}
