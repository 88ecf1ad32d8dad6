import { createResourceServer, InvalidToken } from 'bearward'
import { issuer, keys, resource, sign } from './token.mjs'

const server = createResourceServer({ resource, issuer: { issuer, keys } })

const token = await server.verify(await sign())
if (token.subject !== 'alice') throw new Error(`subject is ${token.subject}`)

try {
  await server.verify(await sign({ aud: 'https://other.example.com' }))
  throw new Error('a token for another resource was accepted')
} catch (error) {
  if (!(error instanceof InvalidToken) || error.reason !== 'audience') throw error
}

// Neither process.exit nor close(): bearward must not keep the process alive.
console.log('all as expected')
