import { resourceServer } from 'bearward/express'
import express from 'express'

const { protect, requireScope, accessToken, maybeAccessToken, optionalAuth } = resourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
})

const app = express()
app.get('/orders', requireScope('read:orders'), (req, res) => {
  const subject: string | undefined = accessToken(req).subject
  res.json({ orders: [], for: subject })
})
app.get('/anyone', optionalAuth(), (req, res) => {
  // @ts-expect-error: there may be no token on this route.
  res.json({ for: maybeAccessToken(req).subject })
})
app.use('/admin', protect())

// @ts-expect-error: a misspelt scope.
requireScope('read:order')
