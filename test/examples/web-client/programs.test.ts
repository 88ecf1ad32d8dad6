import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { describeWithChromium, openBrowser } from '../../support/chromium/chromium.ts'
import { RESOURCE } from '../../support/issuer/issuer.ts'
import { until } from '../../support/upstream/requests.ts'
import { APP, type GitHub, startGitHub } from '../github-stand-in.ts'
import { type Program, runProgram, startProgram } from '../program.ts'
import { seen, signIn } from './order-book.ts'

// Both programs of examples/web-client, as users run them.

const root = fileURLToPath(new URL('../../..', import.meta.url))

describeWithChromium('the programs of the web client', () => {
  let browser: Browser
  let page: Page
  let github: GitHub
  let api: Program
  beforeAll(async () => {
    ;[browser, github] = await Promise.all([openBrowser(), startGitHub()])
    const settings = { GITHUB_CLIENT_ID: APP.id, GITHUB_CLIENT_SECRET: APP.secret, GITHUB_API: github.url }
    api = await startProgram('github', { RESOURCE, ...settings })
  })
  afterAll(async () => {
    await browser?.close()
    await api?.stop()
    await github?.stop()
  })
  afterEach(async () => {
    github.instead = undefined
    await page?.context().close()
  })

  async function open(look: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...look })
    context.setDefaultTimeout(20_000)
    page = await context.newPage()
    return page
  }

  it('npm run web-client starts everything it needs', async () => {
    const child: ChildProcess = spawn('npm', ['--silent', 'run', 'web-client'], {
      cwd: root,
      env: { ...process.env, PORT: '0' },
    })
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const ended = once(child, 'close')
    await until(() => /http:\S+/.test(output) || child.exitCode !== null, 'the URL')
    const [url = ''] = /http:\S+/.exec(output) ?? []
    await signIn(await open(), url)
    expect((await seen(page)).text.match(/200 OK/g)).toHaveLength(3)
    child.kill('SIGINT') // npm forwards it
    expect((await ended)[0]).toBe(0)
  })

  const settings = () => ({
    GITHUB_CLIENT_ID: APP.id,
    GITHUB_CLIENT_SECRET: APP.secret,
    GITHUB_WEB: github.url,
    GITHUB_API: github.url,
    API: api.url,
  })

  it.each([
    [390, 'light'],
    [390, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)(
    'users sign in at GitHub, and the API of examples/github.ts knows them (%i, %s)',
    async (width, colorScheme) => {
      // By keyboard in the dark, with a pointer in the light.
      const activate = (target: Locator) => (colorScheme === 'dark' ? target.press('Enter') : target.click())
      const program = await startProgram('web-client/github', settings())
      try {
        await (await open({ viewport: { width, height: 844 }, colorScheme })).goto(program.url)
        const sent = page.waitForRequest(/\/login\/oauth\/authorize/)
        await activate(page.getByRole('link', { name: 'Sign in at GitHub' }))
        expect(Object.fromEntries(new URL((await sent).url()).searchParams)).toMatchObject({
          code_challenge_method: 'S256',
          scope: 'read:user',
        })
        await activate(page.getByRole('button', { name: 'authorize' }))
        const { text, search } = await seen(page)
        expect(search).toBe('')
        expect(text).toContain('"login":"octocat"')
        expect(text).toContain('You have not allowed repo')
        expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBeLessThanOrEqual(width)
        expect(await page.locator('header').innerText()).toContain('signed in as octocat')

        const [token = ''] = github.tokens.keys()
        expect(await page.content()).not.toContain(token)
        await activate(page.getByRole('button', { name: 'Sign out', exact: true }))
        expect((await seen(page)).title).toBe('You are signed out')
        expect([...github.tokens.keys()], 'revoked at GitHub').toEqual([])
      } finally {
        expect((await program.stop()).code).toBe(0)
      }
    },
  )

  it.each([
    ['bad_verification_code', 'token.invalid_grant'],
    ['incorrect_client_credentials', 'token.invalid_client'],
    ['redirect_uri_mismatch', 'token.invalid_request'],
    ['unverified_user_email', 'token.other'],
  ])('explains the error %s of GitHub, which has status 200', async (error, name) => {
    const program = await startProgram('web-client/github', settings())
    try {
      await (await open()).goto(program.url)
      await page.getByRole('link', { name: 'Sign in at GitHub' }).click()
      const body = JSON.stringify({ error, error_description: 'SECRET-TEXT' })
      github.instead = (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      await page.getByRole('button', { name: 'authorize' }).click()
      expect((await seen(page)).path).toBe(`/problem/${name}`)
      expect(program.output()).toContain(name)
      expect(program.output()).not.toContain('SECRET-TEXT')
    } finally {
      await program.stop()
    }
  })

  it('ends although a browser connected in advance and never sent a request', async () => {
    const program = await startProgram('web-client/github', settings())
    const unused = connect(Number(new URL(program.url).port), 'localhost').on('error', () => undefined) // it may be reset
    await once(unused, 'connect')
    expect((await program.stop()).code).toBe(0)
    unused.destroy()
  })

  it('explains that the user did not authorize it', async () => {
    const program = await startProgram('web-client/github', settings())
    try {
      await (await open()).goto(program.url)
      await page.getByRole('link', { name: 'Sign in at GitHub' }).click()
      await page.getByRole('button', { name: 'cancel' }).click()
      expect((await seen(page)).path).toBe('/problem/authorization.access_denied')
    } finally {
      await program.stop()
    }
  })

  it.each([
    ['web-client/github', {}, 'API is not set'],
    ['web-client/github', { API: 'x' }, 'API is not a URL'],
    ['web-client/github', { PORT: 'x' }, 'PORT is not a port number'],
    ['web-client/main', { ISSUER: 'https://auth.example.com' }, 'CLIENT_ID is not set'],
    ['web-client/main', { SESSION_SECRET: 'short' }, 'SESSION_SECRET must have 32 characters'],
  ] as const)('%s reports a wrong setting: %j', async (name, wrong, message) => {
    expect(await runProgram(name, { PORT: '0', ...wrong })).toMatchObject({
      code: 2,
      output: expect.stringContaining(message),
    })
  })
})
