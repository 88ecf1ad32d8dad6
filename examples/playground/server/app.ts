import type { IncomingMessage } from 'node:http'
import type { Context } from 'hono'
import { Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { RESOURCE } from '../../demo/orders.ts'
import type { Exchange } from '../exchange.ts'
import { FLOWS } from '../flows/flows.ts'
import { requestOf } from '../people/trail.ts'
import { type Session, Sessions } from '../session.ts'
import { CALLBACK, type Stage } from '../stage.ts'
import { pageFiles } from './files.ts'
import { onlyOurPage } from './protection.ts'

const COOKIE = 'playground'

type Env = { Bindings: { incoming: IncomingMessage }; Variables: { session: Session } }

/** Serves the page and the actions of its buttons. */
export function webApp(stage: Stage): Hono<Env> {
  const files = pageFiles()
  const sessions = new Sessions(stage)
  const app = new Hono<Env>()
  app.use(onlyOurPage(new URL(stage.origin)))

  app.get('/', (c) => {
    if (sessions.find(getCookie(c, COOKIE)) === undefined) {
      const { id } = sessions.open()
      setCookie(c, COOKIE, id, { httpOnly: true, sameSite: 'Strict', path: '/' })
    }
    return fileOf(c, '/index.html')
  })
  app.get('/setup.json', (c) =>
    c.json({
      flows: FLOWS.map(({ id, title, who, summary, decidedBy }) => ({ id, title, who, summary, decidedBy })),
      issuer: stage.metadata.issuer,
      keys: stage.keys,
      resource: RESOURCE,
      apis: stage.apis.map(({ framework, url }) => ({ framework, url })),
    }),
  )

  app.use('/runs/*', async (c, next) => {
    const session = sessions.find(getCookie(c, COOKIE))
    if (session === undefined) return c.json({ problem: 'no session' }, 409)
    c.set('session', session)
    await next()
    return undefined
  })
  app.get('/runs/:flow', (c) => viewOf(c, c.req.param('flow')))
  app.post('/runs/:flow/restart', (c) => {
    c.var.session.restart(c.req.param('flow'))
    return viewOf(c, c.req.param('flow'))
  })
  app.post('/runs/:flow/present', async (c) => {
    const flow = c.req.param('flow')
    const done = await c.var.session.run(flow)?.present(await c.req.json())
    return done ? viewOf(c, flow) : c.json({ problem: 'no such choice' }, 400)
  })
  app.post('/runs/:flow/actions/:action', async (c) => {
    const flow = c.req.param('flow')
    c.var.session.did(flow)
    const done = await c.var.session.run(flow)?.act(c.req.param('action'))
    return done ? viewOf(c, flow) : c.json({ problem: 'no such action' }, 404)
  })

  app.get(CALLBACK, async (c) => {
    const latest = sessions.find(getCookie(c, COOKIE))?.latest
    // Redirects only to one of our flows, never to anything from the URL.
    const location = latest === undefined ? '/' : `/#${latest.id}`
    await latest?.run.arrive({ url: new URL(c.req.url), exchange: arrivalOf(c.env.incoming, location) })
    return c.redirect(location, 303)
  })
  app.get('*', (c) => fileOf(c, c.req.path))
  return app

  function fileOf(c: Context<Env>, path: string): Response {
    const file = files.get(path)
    return file === undefined ? (c.notFound() as Response) : c.body(file.text, 200, { 'Content-Type': file.type })
  }
}

function viewOf(c: Context<Env>, flow: string): Response {
  const run = c.var.session.run(flow)
  return run === undefined ? c.json({ problem: 'no such flow' }, 404) : c.json(run.view())
}

const arrivalOf = (incoming: IncomingMessage, location: string): Exchange => ({
  from: 'browser',
  to: 'client',
  request: requestOf(incoming, ''),
  response: { start: 'HTTP/1.1 303 See Other', headers: [['Location', location]], body: '' },
})
