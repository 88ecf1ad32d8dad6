import { ConfigurationError, createResourceServer } from 'bearward'
import { redisStores } from 'bearward/redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'

// There is no server to connect to. That must not cause a refusal.
const clients = [createClient(), new Redis({ lazyConnect: true, retryStrategy: () => null, port: 1 })]

for (const client of clients) {
  client.on('error', () => undefined)
  let calls = 0
  const check = () => {
    calls++
    return { active: true, sub: 'alice', aud: 'https://api.example.com' }
  }
  const server = createResourceServer({
    resource: 'https://api.example.com',
    issuer: { issuer: 'https://auth.example.com', introspect: { name: 'check', check } },
    stores: {
      ...redisStores(client, { prefix: 'orders:' }),
      secret: 'a secret that all processes have'.padEnd(43, '.'),
    },
  })
  for (const token of ['one', 'one', 'two']) {
    const { subject } = await server.verify(token)
    if (subject !== 'alice') throw new Error(`subject is ${subject}`)
  }
  if (calls !== 2) throw new Error(`${calls} calls`)
}

try {
  redisStores(new Map())
  throw new Error('a Map was taken for a client')
} catch (error) {
  if (!(error instanceof ConfigurationError) || error.option !== 'redisStores.client') throw error
}

console.log('all as expected')
