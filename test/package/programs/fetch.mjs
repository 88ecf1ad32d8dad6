import { resourceServer } from 'bearward/fetch'
import { exercise, issuer, keys, resource } from './token.mjs'

const { requireScope, accessToken } = resourceServer({ resource, issuer: { issuer, keys } })

const handler = requireScope('read:orders')((request) => Response.json({ for: accessToken(request).subject }))

await exercise((headers) => handler(new Request(`${resource}/orders`, { headers })))
