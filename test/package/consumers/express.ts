import { resourceServer } from 'bearward/express'
import express, { type Request, Router } from 'express'

const { protect, requireScope, accessToken, maybeAccessToken, optionalAuth, metadata } = resourceServer({
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

// A guard changes nothing about the types of a route, with the types of Express 4 and of Express 5.
interface Order {
  readonly items: readonly string[]
}
app.get('/orders/:id/items/:item', requireScope('read:orders'), (req, res) => {
  const id: string = req.params.id
  // @ts-expect-error: a misspelt parameter.
  const wrong: string = req.params.ids
  // @ts-expect-error: parameters are strings.
  const number: number = req.params.item
  res.json({ id, wrong, number })
})
app.get(
  '/orders/:id',
  [requireScope('read:orders'), optionalAuth()],
  (req: Request<{ id: string }>, res: express.Response) => {
    res.json({ id: req.params.id.length, for: accessToken(req).subject })
  },
)
app.post<{ id: string }, { saved: boolean }, Order, { notify: string }>('/orders/:id', protect(), (req, res) => {
  const items: readonly string[] = req.body.items
  const notify: string = req.query.notify
  accessToken(req)
  // @ts-expect-error: a misspelt member of the body.
  req.body.item
  // @ts-expect-error: a response of another type.
  res.json({ saved: notify + items.length })
})
const router = Router({ mergeParams: true })
router.use(requireScope('read:orders'), metadata())
router.route('/:id').put(protect(), (req, res) => {
  const id: string = req.params.id
  // @ts-expect-error: a misspelt parameter.
  const wrong: string = req.params.ids
  res.json({ id, wrong })
})
router.delete('/:id', protect(), (req, res) => {
  const id: string = req.params.id
  res.json({ id })
})
router.param('id', (req, _res, next) => next(maybeAccessToken(req) ? undefined : 'route'))
app.use('/accounts/:account', protect(), router)
app.use((error: unknown, req: Request, _res: express.Response, next: express.NextFunction) => {
  next(maybeAccessToken(req) ?? error)
})

// A guard function may take the request with the types of its route.
protect((token, req: Request<{ owner: string }>) => token.subject === req.params.owner)
protect((token, req: Request<{ owner: string }, unknown, Order>) => req.body.items.includes(token.issuer))
protect((token, req) => token.subject === req.params.owner && req.secure)
// @ts-expect-error: not a request.
protect((token, req: Order) => req.items.includes(token.issuer))
// @ts-expect-error: not a request.
accessToken({})

// @ts-expect-error: a misspelt scope.
requireScope('read:order')
