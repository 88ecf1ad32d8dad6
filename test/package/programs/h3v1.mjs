import { resourceServer } from 'bearward/h3'
import { createApp, createRouter, eventHandler, toWebHandler } from 'h3'
import { exercise, issuer, keys, resource } from './token.mjs'

const { requireScope, accessToken } = resourceServer({ resource, issuer: { issuer, keys } })

const handler = eventHandler(requireScope('read:orders')((event) => ({ for: accessToken(event).subject })))
const fetch = toWebHandler(createApp().use(createRouter().get('/orders', handler)))
await exercise((headers) => fetch(new Request('https://api.example.com/orders', { headers })))
