import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { PROBLEMS } from '../../../examples/web-client/problems.ts'
import { describeWithChromium, openBrowser } from '../../support/chromium/chromium.ts'
import { consent, type OrderBook, seen, signIn, startOrderBook } from './order-book.ts'

// Signing in at examples/web-client, with everything that can go wrong on the way.

const AUTHORIZATION_ERRORS = [
  'invalid_request',
  'unauthorized_client',
  'access_denied',
  'unsupported_response_type',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
] as const
const TOKEN_ERRORS = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
] as const

describeWithChromium('signing in at the web client', () => {
  let book: OrderBook
  let browser: Browser
  let context: BrowserContext
  let page: Page
  beforeAll(async () => {
    ;[book, browser] = await Promise.all([startOrderBook(), openBrowser()])
  })
  afterAll(async () => {
    await browser?.close()
    await book?.close()
  })
  beforeEach(async () => {
    context = await browser.newContext({ reducedMotion: 'reduce' })
    context.setDefaultTimeout(20_000)
    page = await context.newPage()
  })
  afterEach(async () => {
    book.ahead = 0
    book.instead = undefined
    await context.close()
    for (const secret of book.secrets()) expect(book.log.join('\n')).not.toContain(secret)
  })

  /** The address at which the user signs in, instead of going there. */
  async function begin(): Promise<URL> {
    const response = await context.request.get(`${book.url}/sign-in`, { maxRedirects: 0 })
    return new URL(response.headers().location ?? '')
  }

  /** Comes back from there with these parameters. */
  const comeBack = (parameters: Record<string, string>) =>
    page.goto(`${book.url}/callback?${new URLSearchParams({ iss: issuer(), ...parameters })}`)
  const issuer = () => book.local.openId.issuer.href.replace(/\/$/, '')

  it.each([
    [390, 'light'],
    [390, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)(
    'works at a width of %i in %s, with no token in a page, an address or a log',
    async (width, colorScheme) => {
      await page.setViewportSize({ width, height: 844 })
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const addresses: string[] = []
      page.on('request', (request) => addresses.push(request.url()))
      await signIn(page, book.url)
      const { text, search, path } = await seen(page)
      expect([path, search]).toEqual(['/', ''])
      for (const framework of ['Express', 'Fastify', 'Hono']) expect(text).toContain(`Orders on ${framework}`)
      expect(text.match(/200 OK/g)).toHaveLength(3)
      expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBeLessThanOrEqual(width)
      await page.getByRole('button', { name: 'Order tea on Hono' }).click()
      expect(await seen(page)).toMatchObject({
        title: 'Order tea on Hono',
        text: expect.stringContaining('201 Created'),
      })

      expect(book.secrets().length).toBeGreaterThanOrEqual(3)
      const all = [await page.content(), ...addresses, ...(await context.cookies()).map(({ value }) => value)].join(
        '\n',
      )
      for (const secret of book.secrets()) expect(all).not.toContain(secret)
    },
  )

  it('works by keyboard alone', async () => {
    await page.goto(book.url)
    const go = async (name: string | RegExp) => {
      const target = page.getByRole('link', { name }).or(page.getByRole('button', { name })).first()
      await target.waitFor()
      for (let presses = 0; presses < 20; presses++) {
        await page.keyboard.press('Tab')
        if (await target.evaluate((element) => element.matches(':focus'))) break
      }
      await page.keyboard.press('Enter')
    }
    await go(/^Sign in at/)
    await go('Sign in as Alice')
    await go('Allow')
    await page.getByRole('heading', { level: 1, name: 'Your orders' }).waitFor()
    await go(/^Sign out$/)
    await go('Sign out')
    await page.getByRole('heading', { level: 1, name: 'You are signed out' }).waitFor()
  })

  it('requests a code with PKCE, state and nonce, and a token for the API (RFC 7636, RFC 9700 §2.1.1, RFC 8707)', async () => {
    const { searchParams } = await begin()
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: `${book.url}/callback`,
      resource: 'https://orders.example',
    })
    expect(searchParams.has('client_secret')).toBe(false)
  })

  it('has a cookie that scripts and other sites cannot use, and a new one after signing in', async () => {
    await begin()
    const [before] = await context.cookies(book.url)
    await signIn(page, book.url)
    const [after, ...others] = await context.cookies(book.url)
    expect(others).toEqual([])
    expect(after).toMatchObject({ name: 'session', httpOnly: true, sameSite: 'Lax', path: '/' })
    expect(after?.value).not.toBe(before?.value)
  })

  it.each(AUTHORIZATION_ERRORS)(
    'explains the error %s of the authorization server (RFC 6749 §4.1.2.1)',
    async (error) => {
      const { searchParams } = await begin()
      await comeBack({ error, error_description: 'SECRET-TEXT', state: searchParams.get('state') ?? '' })
      const name = `authorization.${error}` as const
      await expectProblem(name)
    },
  )

  it('explains an error that no standard knows', async () => {
    const { searchParams } = await begin()
    await comeBack({ error: 'made_up', state: searchParams.get('state') ?? '' })
    await expectProblem('authorization.other')
  })

  it.each(TOKEN_ERRORS)('explains the error %s of the token endpoint (RFC 6749 §5.2)', async (error) => {
    book.instead = () =>
      Response.json({ error, error_description: 'SECRET-TEXT' }, { status: error === 'invalid_client' ? 401 : 400 })
    await page.goto(book.url)
    await page.getByRole('link', { name: /^Sign in at/ }).click()
    await consent(page)
    await expectProblem(`token.${error}`)
  })

  it.each([
    ['an error without a code', () => new Response('<html>SECRET-TEXT', { status: 502 }), 'provider_unavailable'],
    ['a response that is no JSON', () => new Response('SECRET-TEXT'), 'invalid_response'],
    [
      'a response without an ID token',
      () => Response.json({ access_token: 'made-up-token', token_type: 'Bearer' }),
      'invalid_response',
    ],
    [
      'an ID token that no one signed',
      () => Response.json({ access_token: 'made-up-token', token_type: 'Bearer', id_token: 'e30.e30.x' }),
      'invalid_response',
    ],
  ] as const)('explains %s', async (_, instead, name) => {
    book.instead = instead
    await page.goto(book.url)
    await page.getByRole('link', { name: /^Sign in at/ }).click()
    await consent(page)
    await expectProblem(name)
  })

  it('explains that the user did not consent', async () => {
    await page.goto(book.url)
    await page.getByRole('link', { name: /^Sign in at/ }).click()
    await page.getByRole('button', { name: 'No, go back' }).click()
    await expectProblem('authorization.access_denied')
  })

  it('accepts no state but its own, and in no other browser (RFC 6749 §10.12)', async () => {
    const { searchParams } = await begin()
    const attackers = searchParams.get('state') ?? ''
    await comeBack({ code: 'stolen', state: 'guessed' })
    await expectProblem('unknown_state')
    await page.goto(`${book.url}/callback?code=stolen`)
    await expectProblem('unknown_state')
    await page.goto(`${book.url}/callback?code=stolen&state=${attackers}&state=${attackers}`)
    await expectProblem('unknown_state')

    const victim = await browser.newContext()
    const theirs = await victim.newPage()
    await theirs.goto(
      `${book.url}/callback?${new URLSearchParams({ code: 'theirs', state: attackers, iss: issuer() })}`,
    )
    expect((await seen(theirs)).title).toBe(PROBLEMS.unknown_state.title)
    await victim.close()
    expect(book.sent.filter(({ form }) => form.get('code') === 'theirs' || form.get('code') === 'stolen')).toEqual([])
  })

  it('refuses a response of another authorization server (RFC 9207 §2.4)', async () => {
    const { searchParams } = await begin()
    await comeBack({ code: 'x', state: searchParams.get('state') ?? '', iss: 'https://elsewhere.example' })
    await expectProblem('invalid_response')
  })

  it('accepts a state for five minutes', async () => {
    const { searchParams } = await begin()
    book.ahead = 5 * 60
    await comeBack({ code: 'x', state: searchParams.get('state') ?? '' })
    await expectProblem('expired_state')
  })

  it('accepts a state once, so that a code is never exchanged twice, and stays signed in', async () => {
    let callback = ''
    page.on('request', (request) => {
      if (request.url().startsWith(`${book.url}/callback`)) callback = request.url()
    })
    await signIn(page, book.url)
    const before = book.sent.length
    await page.goto(callback)
    await expectProblem('used_state')
    expect(book.sent.length).toBe(before)
    await page.getByRole('link', { name: 'First page' }).click()
    expect((await seen(page)).title).toBe('Your orders')
  })

  it('explains the back button, and stays signed in', async () => {
    await signIn(page, book.url)
    await page.goBack()
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('This page has expired')
    await page.getByRole('link', { name: 'Go back to the application' }).click()
    expect((await seen(page)).title).toBe('Your orders')
  })

  it('signs in with two tabs at once', async () => {
    const other = await context.newPage()
    for (const tab of [page, other]) {
      await tab.goto(book.url)
      await tab.getByRole('link', { name: /^Sign in at/ }).click()
      await tab.getByRole('heading', { name: 'Sign in' }).waitFor()
    }
    for (const tab of [page, other]) {
      await consent(tab)
      expect((await seen(tab)).title).toBe('Your orders')
    }
    await page.reload()
    expect((await seen(page)).title, 'the first tab has the sign-in of the second').toBe('Your orders')
  })

  it('survives a provider that goes down on the way', async () => {
    const { searchParams } = await begin()
    await book.local.authorizationServer.stop()
    try {
      await comeBack({ code: 'x', state: searchParams.get('state') ?? '' })
      await expectProblem('provider_unavailable')
    } finally {
      await book.local.authorizationServer.start()
    }
    await signIn(page, book.url)
  })

  it('says what a user withheld, and offers to ask again', async () => {
    await signIn(page, book.url, { withhold: 'place orders for you' })
    await page.getByRole('button', { name: 'Order tea on Express' }).click()
    expect((await seen(page)).text).toContain('You have not allowed write:orders')
    await page.getByRole('link', { name: 'Sign in again' }).click()
    await consent(page)
    await page.getByRole('button', { name: 'Order tea on Express' }).click()
    expect((await seen(page)).text).toContain('201 Created')
  })

  it('obeys no other page and no other host name', async () => {
    await signIn(page, book.url)
    const cookie = (await context.cookies(book.url)).map(({ name, value }) => `${name}=${value}`).join()
    for (const origin of [undefined, 'null', 'https://evil.example', `${book.url}.evil.example`]) {
      const headers = { cookie, connection: 'close', ...(origin !== undefined && { origin }) }
      const response = await fetch(`${book.url}/sign-out`, { method: 'POST', headers, redirect: 'manual' })
      expect(response.headers.get('location'), origin).toBe('/problem/foreign_request')
    }
    const { port } = new URL(book.url)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(421)
    await page.reload()
    expect((await seen(page)).title).toBe('Your orders')
  })

  async function expectProblem(name: keyof typeof PROBLEMS): Promise<void> {
    await page.waitForURL(`${book.url}/problem/${name}`)
    const { title, happened, advice, status } = PROBLEMS[name]
    const { text, search, ...page_ } = await seen(page)
    expect(page_.title).toBe(title)
    expect(text).toContain(happened)
    expect(text).toContain(advice)
    expect(search, 'no code, no state').toBe('')
    expect(await page.getByRole('main').getByRole('link').count(), 'a way on').toBeGreaterThan(0)
    expect((await page.reload())?.status()).toBe(status)
    expect(await page.content()).not.toContain('SECRET-TEXT')
    expect(book.log.join('\n')).not.toContain('SECRET-TEXT')
    expect(book.log.at(-1)).toContain(name)
  }
})
