import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { customFetch } from 'openid-client'
import type { BrowserContext, Page } from 'playwright-core'
import { webClient } from '../../../examples/web-client/app.ts'
import { type Local, startLocal } from '../../../examples/web-client/local/local.ts'
import type { Provider } from '../../../examples/web-client/provider.ts'
import { openIdProvider } from '../../../examples/web-client/providers/openid.ts'
import { memoryStorage, type Storage } from '../../../examples/web-client/sessions.ts'

// examples/web-client in this process: the real application, its authorization server and the three APIs. A test may move
// the clock of the application, look at its requests to the token endpoint, and replace a response.

/** One request to the authorization server, made by the application. */
export interface Sent {
  readonly path: string
  readonly form: URLSearchParams
  readonly status: number
  readonly body: string
}

export interface OrderBook {
  readonly url: string
  readonly local: Local
  readonly sent: Sent[]
  readonly log: string[]
  /** Seconds that the clock of the application is ahead. */
  ahead: number
  /** Replaces the responses of the token endpoint. */
  instead: (() => Response) | undefined
  /** Every token that was ever issued to the application. */
  secrets(): readonly string[]
  refreshes(): readonly Sent[]
  close(): Promise<void>
}

export interface OrderBookOptions {
  readonly lifetime?: number
  /** Other processes of the same application. */
  readonly local?: Local
  readonly port?: number
  readonly storage?: Storage
  readonly origin?: URL
}

export async function startOrderBook(options: OrderBookOptions = {}): Promise<OrderBook> {
  const { lifetime = 300, storage = memoryStorage() } = options
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const here = `http://localhost:${(server.address() as AddressInfo).port}`
  const origin = options.origin ?? new URL(here)
  const local = options.local ?? (await startLocal(origin, lifetime))
  const book: OrderBook = {
    url: here,
    local,
    sent: [],
    log: [],
    ahead: 0,
    instead: undefined,
    secrets: () =>
      book.sent.flatMap(({ body }) =>
        [...body.matchAll(/"(?:access|refresh|id)_token":"([^"]+)"/g)].map(([, token = '']) => token),
      ),
    refreshes: () => book.sent.filter(({ form }) => form.get('grant_type') === 'refresh_token'),
    async close() {
      await Promise.all([hangUp(server), options.local === undefined && local.close()])
      await storage.close()
    },
  }
  const app = webClient({
    origin,
    secret: 'a secret of thirty-two characters or more',
    provider: observed(openIdProvider(local.openId), book),
    storage,
    reads: local.reads,
    writes: local.writes,
    log: (line) => book.log.push(line),
    now: () => Date.now() + book.ahead * 1000,
  })
  server.on('request', app)
  return book
}

function observed(provider: Provider, book: OrderBook): Provider {
  return {
    ...provider,
    async configuration() {
      const config = await provider.configuration()
      config[customFetch] = async (url, init) => {
        const form = new URLSearchParams(String(init.body ?? ''))
        const replaced = new URL(url).pathname === '/token' ? book.instead?.() : undefined
        const response = replaced ?? (await fetch(url, init as RequestInit))
        const body = await response.clone().text()
        book.sent.push({ path: new URL(url).pathname, form, status: response.status, body })
        return response
      }
      return config
    },
  }
}

function hangUp(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** From the first page to the orders, at the pages of the authorization server. */
export async function signIn(
  page: Page,
  url: string,
  { withhold }: { readonly withhold?: string } = {},
): Promise<void> {
  await page.goto(url)
  await page.getByRole('link', { name: /^Sign in at/ }).click()
  await consent(page, withhold)
  await page.getByRole('heading', { level: 1, name: 'Your orders' }).waitFor()
}

export async function consent(page: Page, withhold?: string): Promise<void> {
  const known = page.getByRole('heading', { name: /consent/ })
  await page.getByRole('button', { name: 'Sign in as Alice' }).or(known).waitFor()
  if (!(await known.isVisible())) await page.getByRole('button', { name: 'Sign in as Alice' }).click()
  if (withhold !== undefined) await page.getByLabel(withhold).uncheck()
  await page.getByRole('button', { name: 'Allow' }).click()
}

/** What the page says. */
export async function seen(page: Page) {
  await page.getByRole('heading', { level: 1 }).waitFor()
  return {
    title: await page.getByRole('heading', { level: 1 }).innerText(),
    text: await page.locator('main').innerText(),
    path: new URL(page.url()).pathname,
    search: new URL(page.url()).search,
  }
}

/** Sends the request of a browser without its page: the same cookies. */
export async function asBrowser(context: BrowserContext, url: string, path = '/'): Promise<Response> {
  const cookie = (await context.cookies(url)).map(({ name, value }) => `${name}=${value}`).join('; ')
  return fetch(url + path, { headers: { cookie, connection: 'close' }, redirect: 'manual' })
}
