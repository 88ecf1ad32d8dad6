import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import { type Call, callApi } from './calls.ts'
import { Grants } from './grants.ts'
import { dashboard, problemPage, signedOut, welcome } from './pages/pages.ts'
import { STYLE } from './pages/style.ts'
import { isProblemName, PROBLEMS, Problem } from './problems.ts'
import type { Provider } from './provider.ts'
import { renewSession, type Storage, sessionMiddleware } from './sessions.ts'
import { CALLBACK, SignIn } from './sign-in.ts'

export interface WebClientOptions {
  /** The public origin of this application. */
  readonly origin: URL
  /** Signs the session cookie. */
  readonly secret: string
  readonly provider: Provider
  readonly storage: Storage
  /** What the first page shows. */
  readonly reads: readonly Call[]
  /** Buttons that change something. */
  readonly writes: readonly Call[]
  /** Receives one line per problem. */
  log(line: string): void
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** The whole application. */
export function webClient(options: WebClientOptions): Express {
  const { origin, secret, provider, storage, reads, writes, log, now = Date.now } = options
  const { store } = storage
  const grants = new Grants(store, provider, now)
  const signIn = new SignIn({ origin, store, provider, grants, now })

  const app = express().disable('x-powered-by').disable('etag')
  app.use(protection(origin, provider))
  app.get('/style.css', (_req, res) => void res.type('css').send(STYLE))
  app.get('/problem/:name', (req, res) => {
    const { name } = req.params
    const problem = isProblemName(name) ? name : 'not_found'
    res.status(PROBLEMS[problem].status).send(problemPage(problem))
  })
  app.use(sessionMiddleware(origin, secret, storage.sessions))

  app.get('/', async (req, res) => {
    const { grant: id } = req.session
    const grant = await grants.find(id)
    if (grant === undefined) {
      res.send(welcome(provider.name))
      return
    }
    const results = await Promise.all(reads.map((call) => callApi(grants, id, call)))
    res.send(dashboard({ user: grant.user, results, writes }))
  })
  app.post('/calls/:index', async (req, res) => {
    const { grant: id } = req.session
    const call = writes[Number(req.params.index)]
    if (call === undefined) throw new Problem('not_found')
    const { user } = await grants.current(id)
    res.send(dashboard({ user, results: [], writes, latest: await callApi(grants, id, call) }))
  })

  app.get('/sign-in', async (req, res) => res.redirect(303, (await signIn.begin(req)).href))
  app.get(CALLBACK, async (req, res) => {
    await signIn.finish(req)
    res.redirect(303, '/') // the code does not stay in the address
  })

  app.post('/sign-out', (req, res) => leave(req, res, () => grants.close(req.session.grant)))
  app.post('/sign-out-everywhere', async (req, res) => {
    const grant = await grants.find(req.session.grant)
    await leave(req, res, async () => grant && grants.closeAll(grant.user))
  })
  app.get('/signed-out', (req, res) => void res.send(signedOut(req.query.complete !== 'no')))

  async function leave(req: Request, res: Response, close: () => Promise<void>): Promise<void> {
    const back = new URL('/signed-out', origin)
    try {
      await close()
      const elsewhere = await provider.signOutUrl(back)
      await renewSession(req, undefined)
      res.redirect(303, (elsewhere ?? back).href)
    } catch (thrown) {
      if (!storage.isAvailable()) throw thrown
      log(`sign-out: the provider could not be told (${codeOf(thrown)})`)
      await renewSession(req, undefined)
      res.redirect(303, '/signed-out?complete=no')
    }
  }

  app.use(() => {
    throw new Problem('not_found')
  })
  app.use(((thrown, req, res, next) => {
    if (res.headersSent) return next(thrown)
    const problem = problemOf(thrown, storage)
    const { method, path } = req // without the query, which contains the code
    log(`${method} ${path}: ${problem.problem}${problem.code ? ` (${problem.code})` : ''}`)
    // A page of its own, so that the code does not stay in the address, and a reload repeats nothing.
    res.redirect(303, `/problem/${problem.problem}`)
    return undefined
  }) satisfies ErrorRequestHandler)
  return app
}

function problemOf(thrown: unknown, storage: Storage): Problem {
  if (thrown instanceof Problem) return thrown
  if (!storage.isAvailable()) return new Problem('storage_unavailable')
  return new Problem('unexpected', codeOf(thrown))
}

/** Never the message: libraries quote what they received. */
const codeOf = (thrown: unknown): string =>
  thrown instanceof Problem ? thrown.code || thrown.problem : thrown instanceof Error ? thrown.name : typeof thrown

/** Headers for every response, and no requests but our own. */
function protection(origin: URL, { origins }: Provider): RequestHandler {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    // After "sign out", a redirect leads on to the provider, and Chromium applies this to redirects too.
    `form-action 'self' ${origins.join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return (req, res, next) => {
    res.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      // Not no-referrer, which would make forms send `Origin: null`.
      'Referrer-Policy': 'same-origin',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cache-Control': 'no-store',
    })
    // Another host name may resolve to our address (DNS rebinding).
    if (req.headers.host !== origin.host) res.status(421).type('text').send('This server has another name.\n')
    // Browsers send Origin with every request that changes something; other sites cannot choose it.
    else if (req.method === 'POST' && req.headers.origin !== origin.origin) next(new Problem('foreign_request'))
    else next()
  }
}
