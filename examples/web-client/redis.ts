import { RedisStore } from 'connect-redis'
import { createClient } from 'redis'
import type { Storage } from './sessions.ts'

const PREFIX = 'web-client:'

/** Sessions, sign-ins and tokens in Redis: they survive a restart, and several processes share them. */
export async function redisStorage(url: string): Promise<Storage> {
  // Without its queue, a request fails at once while Redis is down, instead of waiting for it.
  const client = createClient({ url, disableOfflineQueue: true })
  client.on('error', () => undefined) // it reconnects by itself; requests fail until then
  await client.connect()
  return {
    sessions: new RedisStore({ client, prefix: `${PREFIX}session:` }),
    store: {
      get: async (key) => (await client.get(PREFIX + key)) ?? undefined,
      async set(key, value, seconds) {
        await client.set(PREFIX + key, value, { expiration: { type: 'EX', value: seconds } })
      },
      async claim(key, seconds) {
        const options = { expiration: { type: 'EX', value: seconds }, condition: 'NX' } as const
        return (await client.set(PREFIX + key, '', options)) !== null
      },
      async delete(key) {
        await client.del(PREFIX + key)
      },
      async add(key, member, seconds) {
        await client
          .multi()
          .sAdd(PREFIX + key, member)
          .expire(PREFIX + key, seconds)
          .exec()
      },
      members: (key) => client.sMembers(PREFIX + key),
    },
    isAvailable: () => client.isReady,
    async close() {
      client.destroy()
    },
  }
}
