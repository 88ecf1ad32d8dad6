import { resourceServer } from 'bearward/h3'
import { createApp, createRouter, eventHandler } from 'h3'

const { requireScope, accessToken, metadata } = resourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
})

const orders = requireScope('read:orders')((event) => ({ for: accessToken(event).subject }))
export const app = createApp()
  .use(eventHandler((event) => metadata()(event)))
  .use(createRouter().get('/orders', eventHandler(orders)))
