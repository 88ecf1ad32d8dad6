import { randomUUID } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import session, { MemoryStore, type Store as SessionStore } from 'express-session'
import { memoryStore, type Store } from './store.ts'

declare module 'express-session' {
  interface SessionData {
    /** Ties sign-ins to this browser. */
    browser: string
    /** The id of the user's tokens in the store. The session itself contains no token. */
    grant: string
  }
}

export interface Storage {
  readonly sessions: SessionStore
  readonly store: Store
  isAvailable(): boolean
  close(): Promise<void>
}

export const memoryStorage = (): Storage => ({
  sessions: new MemoryStore(),
  store: memoryStore(),
  isAvailable: () => true,
  close: async () => undefined,
})

/** A session ends after a day without a request. */
export const SESSION_SECONDS = 24 * 60 * 60

/** @param secret signs the cookie */
export function sessionMiddleware(origin: URL, secret: string, store: SessionStore): RequestHandler {
  const secure = origin.protocol === 'https:'
  return session({
    store,
    secret,
    // `__Host-` binds the cookie to this host: no subdomain can set it. Browsers require Secure for it (RFC 6265bis §4.1.3.2).
    name: secure ? '__Host-session' : 'session',
    cookie: {
      httpOnly: true, // scripts cannot read it
      secure,
      // Strict would withhold it when the authorization server sends the browser back.
      sameSite: 'lax',
      path: '/',
      maxAge: SESSION_SECONDS * 1000,
    },
    rolling: true,
    resave: false,
    saveUninitialized: false,
    proxy: secure, // TLS ends at a proxy, which says so in X-Forwarded-Proto
  })
}

/** The value that ties sign-ins to this browser. It is not a credential. */
export async function browserOf({ session }: Request): Promise<string> {
  session.browser ??= randomUUID()
  await new Promise<void>((resolve, reject) => session.save((error) => (error ? reject(error) : resolve())))
  return session.browser
}

/** A new session ID at every change of privileges: an ID that someone else knows is worthless afterwards. */
export async function renewSession(request: Request, grant: string | undefined): Promise<void> {
  const { browser } = request.session // so that a sign-in in another tab can still finish
  await new Promise<void>((resolve, reject) =>
    request.session.regenerate((error) => (error ? reject(error) : resolve())),
  )
  if (browser !== undefined) request.session.browser = browser
  if (grant !== undefined) request.session.grant = grant
  await new Promise<void>((resolve, reject) => request.session.save((error) => (error ? reject(error) : resolve())))
}
