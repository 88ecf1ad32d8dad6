import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Playground, startPlayground } from '../../examples/playground/playground.ts'
import { describeWithChromium, openBrowser } from '../support/chromium.ts'
import { Visitor } from './visitor.ts'

// Somebody walks through the playground: real pages, real presses of buttons, a real authorization server and three
// real APIs. What is asserted is what that person reads.

const PATIENCE = 60_000

describeWithChromium('the playground', () => {
  let playground: Playground
  let browser: Browser
  let visitor: Visitor

  beforeAll(async () => {
    ;[playground, browser] = await Promise.all([startPlayground(0), openBrowser()])
  })
  afterAll(async () => {
    await browser?.close()
    await playground?.close()
  })
  beforeEach(async () => {
    const context = await browser.newContext({ reducedMotion: 'reduce' })
    context.setDefaultTimeout(PATIENCE)
    visitor = new Visitor(context, await context.newPage())
    await visitor.page.goto(playground.url)
  })
  afterEach(async () => {
    expect(visitor.complaints).toEqual([])
    await visitor.context.close()
  })

  it('gets a token for a web server by authorization code (RFC 6749 §4.1)', async () => {
    await visitor.choose('Authorization code')
    const address = await visitor.press('Build the address')
    expect(address.facts).toMatchObject({ response_type: 'code', client_id: 'web-shop' })
    expect(address.facts).not.toHaveProperty('code_challenge')

    const forged = await visitor.follow('Come back with a forged state')
    expect(forged).toMatchObject({ outcome: 'refused', title: 'Dropped: the state is not ours' })
    expect(forged.wire).toContain('state=guessed')

    const back = await visitor.agree()
    expect(back).toMatchObject({ outcome: 'good', title: 'The browser brings a code' })
    expect(back.facts.state).toBe(address.facts.state)
    expect(new URL(visitor.page.url()).search, 'the code does not stay in the address').toBe('')

    const tokens = await visitor.press('Exchange the code')
    expect(tokens.outcome).toBe('good')
    expect(tokens.wire).toMatch(/authorization: Basic /)
    expect(tokens.facts).toMatchObject({ token_type: 'bearer', scope: 'read:orders write:orders' })
    expect(await visitor.verdict()).toContain('The API would accept it')

    for (const seen of await visitor.presentToAll()) expect(seen.facts.status).toBe('200 OK')
    for (const seen of await visitor.presentToAll({ route: 'POST /orders' })) {
      expect(seen.facts.status).toBe('201 Created')
      expect(seen.wire).toContain('"by": "alice"')
    }
    for (const seen of await visitor.presentToAll({ token: 'ID token' })) {
      expect(seen.facts).toMatchObject({ status: '401 Unauthorized', error: 'invalid_token', reason: 'token_type' })
    }

    const again = await visitor.press('Use the same code again')
    expect(again).toMatchObject({ outcome: 'refused', title: 'Refused: invalid_grant' })
  })

  it('gets a token for a public client by PKCE, and a thief of the code gets none (RFC 7636)', async () => {
    await visitor.choose('Authorization code with PKCE')
    const kept = await visitor.press('Build the address')
    expect(kept.facts.code_verifier).toMatch(/^[\w~.-]{43,128}$/)
    await visitor.agree({ withhold: 'place orders for you' })

    for (const theft of ['Steal: exchange the code without a verifier', 'Steal: with a made-up verifier']) {
      expect(await visitor.press(theft)).toMatchObject({
        outcome: 'refused',
        title: 'The thief is refused: invalid_grant',
      })
    }
    const tokens = await visitor.press('Exchange code and verifier')
    expect(tokens.outcome).toBe('good')
    expect(tokens.wire).toContain(`code_verifier=${kept.facts.code_verifier}`)
    expect(tokens.wire).not.toContain('authorization: Basic')
    expect(tokens.facts.scope, 'what was withheld is not in it').toBe('read:orders')

    for (const seen of await visitor.presentToAll()) expect(seen.facts.status).toBe('200 OK')
    for (const seen of await visitor.presentToAll({ route: 'POST /orders' })) {
      expect(seen.facts).toMatchObject({
        status: '403 Forbidden',
        error: 'insufficient_scope',
        scope: 'write:orders',
        reason: 'scope',
      })
    }
  })

  it('gets a token for a machine by client credentials, without a refresh token (RFC 6749 §4.4)', async () => {
    await visitor.choose('Client credentials')
    const tokens = await visitor.press('Ask for a token')
    expect(tokens.outcome).toBe('good')
    expect(tokens.wire).toContain('grant_type=client_credentials')
    expect(tokens.wire).not.toContain('refresh_token')

    for (const seen of await visitor.presentToAll()) expect(seen.facts.status).toBe('200 OK')
    for (const seen of await visitor.presentToAll({ place: 'query string' })) {
      expect(seen.facts).toMatchObject({ status: '400 Bad Request', error: 'invalid_request', reason: 'query_token' })
    }
    for (const seen of await visitor.presentToAll({ route: 'POST /orders', place: 'form body' })) {
      expect(seen.facts).toMatchObject({ status: '403 Forbidden', error: 'insufficient_scope' })
    }
    for (const seen of await visitor.presentToAll({ sent: 'with more scope written into it' })) {
      expect(seen.facts).toMatchObject({ status: '401 Unauthorized', error: 'invalid_token', reason: 'signature' })
    }
    for (const seen of await visitor.presentToAll({ sent: 'with alg: none' })) {
      expect(seen.facts).toMatchObject({ status: '401 Unauthorized', error: 'invalid_token', reason: 'algorithm' })
    }
    for (const seen of await visitor.presentToAll({ token: 'no token' })) {
      expect(seen.facts).toMatchObject({ status: '401 Unauthorized', reason: 'no_credentials' })
      expect(seen.facts).not.toHaveProperty('error')
    }
  })
})
