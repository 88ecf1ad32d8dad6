// F6: a guard does not change the types of its route.
// Compiled, never run: each line below a `@ts-expect-error` must fail to compile; all others must compile.
// What the types of Express 4 and 5 have in common is in test/package/consumers/express.ts, which is compiled with both.
import { resourceServer } from 'bearward/express'
import express, { type Request } from 'express'

const { requireScope, accessToken } = resourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
})

const app = express()
app.get('/files/*path', requireScope('read:files'), (req, res) => {
  const path: string[] = req.params.path
  // @ts-expect-error the segments of a wildcard are a list
  const text: string = req.params.path
  res.json({ path, text, for: accessToken(req).subject })
})
app.get('/b{/:id}', requireScope('read:files'), (req, res) => {
  const id: string | undefined = req.params.id
  // @ts-expect-error optional
  const always: string = req.params.id
  res.json({ id, always })
})
app.get(/^\/commits\/(\w+)$/, requireScope('read:files'), (req, res) => {
  const commit: string | undefined = req.params[0]
  res.json({ commit })
})
app.get(['/a/:id', '/c/:id'], requireScope('read:files'), (req: Request<{ id: string }>, res) => {
  res.json({ id: req.params.id.length })
})
