import { request } from 'node:http'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { redisStorage } from '../../../examples/web-client/redis.ts'
import { describeWithChromium, openBrowser } from '../../support/chromium/chromium.ts'
import { createRedisServer, describeWithRedis, type RedisServer } from '../../support/redis/server.ts'
import { asBrowser, type OrderBook, type OrderBookOptions, seen, signIn, startOrderBook } from './order-book.ts'

// Staying signed in at examples/web-client: refresh, theft, signing out, several processes.

const MANY = 20
const LIFETIME = 300
const POLL = { timeout: 20_000, interval: 200 }

let browser: Browser
let books: OrderBook[] = []
let contexts: BrowserContext[] = []

async function start(options: OrderBookOptions = {}): Promise<OrderBook> {
  const book = await startOrderBook({ lifetime: LIFETIME, ...options })
  books.push(book)
  return book
}

/** A browser in which the user is signed in. */
async function signedIn(book: OrderBook) {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  context.setDefaultTimeout(20_000)
  contexts.push(context)
  const page = await context.newPage()
  await signIn(page, book.url)
  return { context, page }
}

const statusesOf = async (responses: readonly Promise<Response>[]) =>
  (await Promise.all(responses)).map((response) => response.headers.get('location') ?? response.status)

/** Uses a refresh token as a thief who has the client secret as well. */
async function steal({ local: { openId } }: OrderBook, refreshToken: string): Promise<Response> {
  const authorization = `Basic ${btoa(`${openId.clientId}:${openId.clientSecret}`)}`
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken })
  return fetch(new URL('/token', openId.issuer), {
    method: 'POST',
    headers: { authorization, connection: 'close' },
    body,
  })
}

/** With a Host of its own, as behind a load balancer. */
function get(url: string, headers: Readonly<Record<string, string>>) {
  return new Promise<{ status: number | undefined; cookies: readonly string[]; location: string | undefined }>(
    (resolve, reject) => {
      request(url, { headers }, (response) => {
        const { statusCode: status, headers } = response
        const { 'set-cookie': cookies = [], location } = headers
        response.resume().on('end', () => resolve({ status, cookies, location }))
      })
        .on('error', reject)
        .end()
    },
  )
}

const refreshTokenOf = (book: OrderBook): string => book.secrets().findLast((token) => !token.includes('.')) ?? ''

function setUp(): void {
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())
  beforeEach(() => {
    books = []
    contexts = []
  })
  afterEach(async () => {
    for (const context of contexts) await context.close()
    for (const book of books.reverse()) await book.close()
    for (const { secrets, log } of books) for (const secret of secrets()) expect(log.join('\n')).not.toContain(secret)
  })
}

describeWithChromium('staying signed in at the web client', () => {
  setUp()

  it('refreshes a minute before the expiry, once for twenty concurrent requests', async () => {
    const book = await start()
    const { context } = await signedIn(book)
    book.ahead = LIFETIME - 65
    await asBrowser(context, book.url)
    expect(book.refreshes()).toHaveLength(0)
    book.ahead = LIFETIME - 55
    const responses = Array.from({ length: MANY }, () => asBrowser(context, book.url))
    expect(await statusesOf(responses)).toEqual(Array(MANY).fill(200))
    expect(book.refreshes()).toHaveLength(1)
    book.ahead += LIFETIME - 30
    await asBrowser(context, book.url)
    expect(book.refreshes(), 'with the rotated refresh token').toHaveLength(2)
    const [first, second] = book.refreshes().map(({ form }) => form.get('refresh_token'))
    expect(second).not.toBe(first)
  })

  it('tries once more with a new token if the API responds with 401', async () => {
    const book = await start({ lifetime: 2 })
    const { context } = await signedIn(book)
    book.ahead = -60 // a clock that is behind: the application believes that its token is still valid
    await new Promise((resolve) => setTimeout(resolve, 2500))
    const response = await asBrowser(context, book.url)
    expect(response.status).toBe(200)
    expect((await response.text()).match(/200 OK/g)).toHaveLength(3)
    expect(book.refreshes()).toHaveLength(1)
  })

  it('goes on while the provider is down, for as long as the access token lives, and recovers', async () => {
    const book = await start()
    const { context, page } = await signedIn(book)
    await book.local.authorizationServer.stop()
    book.ahead = LIFETIME - 30
    expect((await asBrowser(context, book.url)).status).toBe(200)
    book.ahead = LIFETIME + 1
    await page.reload()
    expect((await seen(page)).title).toBe('The authorization server cannot be reached')
    await book.local.authorizationServer.start()
    await page.getByRole('link', { name: 'Try again' }).click()
    expect((await seen(page)).title).toBe('Your orders')
  })

  it('notices that its refresh token was stolen, and no copy works any more (RFC 9700 §4.14.2)', async () => {
    const book = await start()
    const { page } = await signedIn(book)
    const theft = await steal(book, refreshTokenOf(book))
    const loot = (await theft.json()) as { refresh_token: string }
    expect(theft.status).toBe(200)
    book.ahead = LIFETIME - 30
    await page.reload()
    expect(await seen(page)).toMatchObject({
      title: 'You have been signed out',
      path: '/problem/session_ended',
      text: expect.stringContaining('someone else used a copy'),
    })
    expect((await steal(book, loot.refresh_token)).status, 'the thief has nothing either').toBe(400)
    await page.getByRole('link', { name: 'First page' }).click()
    expect((await seen(page)).title).toBe('See your orders')
  })

  it('explains a refresh that fails for another reason, and stays signed in', async () => {
    const book = await start()
    const { page } = await signedIn(book)
    book.ahead = LIFETIME + 1
    book.instead = () => Response.json({ error: 'invalid_client' }, { status: 401 })
    await page.reload()
    expect((await seen(page)).path).toBe('/problem/token.invalid_client')
    book.instead = undefined
    await page.goto(book.url)
    expect((await seen(page)).title).toBe('Your orders')
  })

  it('signs out one browser: its tokens are revoked, also at the provider (RFC 7009)', async () => {
    const book = await start()
    const [one, other] = [await signedIn(book), await signedIn(book)]
    const token = refreshTokenOf(book)
    await other.page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await other.page.getByRole('button', { name: 'Sign out' }).click()
    expect((await seen(other.page)).title).toBe('You are signed out')
    expect(other.page.url(), 'no token in an address').toBe(`${book.url}/signed-out`)
    expect((await steal(book, token)).status).toBe(400)
    await other.page.goBack()
    await other.page.goto(book.url)
    expect((await seen(other.page)).title).toBe('See your orders')
    await one.page.reload()
    expect((await seen(one.page)).title, 'the other browser').toBe('Your orders')
  })

  it('signs out everywhere', async () => {
    const book = await start()
    const [one, other] = [await signedIn(book), await signedIn(book)]
    const tokens = book.secrets().filter((token) => !token.includes('.'))
    expect(tokens).toHaveLength(2)
    await one.page.getByRole('button', { name: 'Sign out in all browsers' }).click()
    await one.page.getByRole('heading', { name: 'Sign out here too?' }).waitFor()
    for (const { page } of [one, other]) {
      await page.goto(book.url)
      expect((await seen(page)).title).toBe('See your orders')
    }
    for (const token of tokens) expect((await steal(book, token)).status).toBe(400)
  })

  it('signs out here even if the provider is down, and says so', async () => {
    const book = await start()
    const { page } = await signedIn(book)
    await book.local.authorizationServer.stop()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    expect((await seen(page)).text).toContain('could not be reached')
    await page.goto(book.url)
    expect((await seen(page)).title).toBe('See your orders')
    await book.local.authorizationServer.start()
  })

  it('explains a button pressed after signing out in another tab', async () => {
    const book = await start()
    const { context, page } = await signedIn(book)
    const tab = await context.newPage()
    await tab.goto(book.url)
    await tab.getByRole('button', { name: 'Sign out', exact: true }).click()
    await tab.getByRole('heading', { name: 'Sign out here too?' }).waitFor()
    await page.getByRole('button', { name: 'Order tea on Hono' }).click()
    expect((await seen(page)).path).toBe('/problem/not_signed_in')
  })

  it('has a cookie for https alone if its origin is https', async () => {
    const book = await start({ origin: new URL('https://orders.example.com') })
    const headers = { host: 'orders.example.com', 'x-forwarded-proto': 'https', connection: 'close' }
    const { cookies } = await get(`${book.url}/sign-in`, headers)
    expect(cookies).toEqual([expect.stringMatching(/^__Host-session=.*; Path=\/;.*HttpOnly; Secure; SameSite=Lax$/)])
  })
})

describeWithRedis('the web client in several processes, with Redis', () => {
  describeWithChromium('in Chromium', () => {
    setUp()
    let redis: RedisServer
    beforeAll(async () => {
      redis = await createRedisServer()
    })
    afterAll(() => redis?.close())

    it('refreshes once for twenty requests to two processes, and survives a restart', async () => {
      const first = await start({ storage: await redisStorage(redis.url) })
      const another = async () =>
        start({ storage: await redisStorage(redis.url), local: first.local, origin: new URL(first.url) })
      const second = await another()
      const { context } = await signedIn(first)
      first.ahead = second.ahead = LIFETIME - 30
      const cookie = (await context.cookies(first.url)).map(({ name, value }) => `${name}=${value}`).join('; ')
      const headers = { host: new URL(first.url).host, cookie, connection: 'close' }
      const responses = await Promise.all(
        Array.from({ length: MANY }, (_, index) => get((index % 2 === 0 ? first : second).url, headers)),
      )
      expect(responses.map(({ status }) => status)).toEqual(Array(MANY).fill(200))
      expect([...first.refreshes(), ...second.refreshes()]).toHaveLength(1)

      const third = await another()
      third.ahead = first.ahead
      expect((await get(third.url, headers)).status, 'after a restart').toBe(200)
      expect(third.refreshes()).toHaveLength(0)
    })

    it('explains that Redis is down, and works again when it is back', async () => {
      const book = await start({ storage: await redisStorage(redis.url) })
      const { page } = await signedIn(book)
      await redis.stop()
      await page.reload()
      expect((await seen(page)).path).toBe('/problem/storage_unavailable')
      await redis.start()
      await expect.poll(() => asBrowser(page.context(), book.url).then(({ status }) => status), POLL).toBe(200)
      await page.getByRole('link', { name: 'Try again' }).click()
      expect((await seen(page)).title, 'this Redis keeps nothing').toBe('See your orders')
    })
  })
})
