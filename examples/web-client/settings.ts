import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { env } from 'node:process'
import { redisStorage } from './redis.ts'
import { memoryStorage, type Storage } from './sessions.ts'

/** A setting without which the program cannot run. */
export function required(name: string, meaning: string): string {
  const value = env[name]
  if (value) return value
  throw new SettingError(`${name} is not set. Set it to ${meaning}.`)
}

export class SettingError extends Error {}

export function urlIn(name: string, value: string): URL {
  if (URL.canParse(value)) return new URL(value)
  throw new SettingError(`${name} is not a URL.`)
}

/** PORT, HOST and ORIGIN: where to listen, and the public origin if it is another. */
export async function listening(): Promise<{ readonly server: Server; readonly origin: URL }> {
  const { PORT = '3000', HOST = '127.0.0.1', ORIGIN } = env
  if (!/^\d{1,5}$/.test(PORT)) throw new SettingError('PORT is not a port number.')
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(Number(PORT), HOST, resolve)
  })
  const { port } = server.address() as AddressInfo
  return { server, origin: urlIn('ORIGIN', ORIGIN || `http://localhost:${port}`) }
}

/** REDIS_URL: sessions in Redis. Without it they are in memory, and end with the process. */
export async function storageIn(): Promise<Storage> {
  return env.REDIS_URL ? redisStorage(env.REDIS_URL) : memoryStorage()
}

/** SESSION_SECRET: signs cookies. It must be the same in all processes, and survive restarts. */
export function sessionSecret(): string {
  const { SESSION_SECRET, REDIS_URL } = env
  if (SESSION_SECRET && SESSION_SECRET.length < 32)
    throw new SettingError('SESSION_SECRET must have 32 characters or more.')
  if (!SESSION_SECRET && REDIS_URL)
    return required('SESSION_SECRET', 'a secret of 32 characters, the same in all processes')
  return SESSION_SECRET || randomBytes(32).toString('base64url')
}
