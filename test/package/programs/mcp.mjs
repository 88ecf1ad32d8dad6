import { OAuthError, requireBearerAuth } from '@modelcontextprotocol/server'
import { mcpVerifier } from 'bearward/mcp'
import { issuer, keys, resource, sign } from './token.mjs'

const verifier = mcpVerifier({ resource, issuer: { issuer, keys } }, { OAuthError })
const gate = requireBearerAuth({ verifier, requiredScopes: ['read:orders'], resourceMetadataUrl: 'https://a.example' })
const send = (token) => gate(new Request(resource, { headers: { authorization: `Bearer ${token}` } }))

const good = await send(await sign())
if (good.extra?.subject !== 'alice') throw new Error(`subject is ${good.extra?.subject}`)

const bad = await send(await sign({ aud: 'https://other.example.com' }))
if (bad.status !== 401) throw new Error(`a token for another resource: ${bad.status}`)

console.log('all as expected')
