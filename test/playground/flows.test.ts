import { describe, expect, it } from 'vitest'
import { describeWithChromium } from '../support/chromium/chromium.ts'
import { type Choice, FRAMEWORKS, type Manner, type Visitor } from './visitor.ts'
import { AT_A_DESK, ON_A_PHONE, walks } from './walk.ts'

// A visitor goes through the playground: real pages and clicks, a real authorization server and three real APIs. The
// assertions are about what the visitor reads.

describe.each([
  ['at a desk', AT_A_DESK],
  ['on a phone in the dark, by keyboard', ON_A_PHONE],
] as const)('a visitor %s', (_, manner) => {
  describeWithChromium('goes through the playground, and', () => walkThroughFlows(manner))
})

function walkThroughFlows(manner: Manner) {
  const walk = walks(manner)

  it('registers a web server, and gets its token with code, secret and PKCE (RFC 7591, RFC 7636, RFC 9700 §2.1.1)', async () => {
    const { visitor } = walk
    await visitor.choose('Authorization code with PKCE')
    const registered = await visitor.press('Register a web server')
    expect(registered).toMatchObject({ outcome: 'good', title: 'Registered, with a secret' })
    expect(registered.values).toMatchObject({
      client_name: 'My web shop',
      redirect_uris: `${walk.playground.url}/callback`,
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret_expires_at: '0',
    })
    expect(registered.meanings).toContain('secret store')
    expect(registered.wire).toContain('POST /reg')
    const stored = await visitor.press('Build the address')
    expect(stored.values.code_verifier).toMatch(/^[\w~.-]{43,128}$/)

    const forged = await visitor.follow('Come back with a forged state')
    expect(forged).toMatchObject({ outcome: 'refused', title: 'Dropped: the state is not ours' })
    expect(forged.wire).toContain('state=guessed')
    const back = await visitor.agree()
    expect(back).toMatchObject({ outcome: 'good', title: 'The browser brings a code' })
    expect(new URL(visitor.page.url()).search, 'the code does not stay in the address').toBe('')

    for (const [theft, error, why] of [
      ['Steal: exchange the code without secret and verifier', 'invalid_client', 'neither the secret nor the verifier'],
      ['Steal: use the code in another session of the client', 'invalid_grant', 'only PKCE notices'],
    ] as const) {
      const seen = await visitor.press(theft)
      expect(seen).toMatchObject({ outcome: 'refused', title: `The thief is refused: ${error}` })
      expect(seen.text).toContain(why)
    }
    const tokens = await visitor.press('Exchange code and verifier')
    expect(tokens.outcome).toBe('good')
    expect(tokens.wire).toMatch(/authorization: Basic /)
    expect(tokens.wire).toContain(`code_verifier=${stored.values.code_verifier}`)
    expect(tokens.values).toMatchObject({ token_type: 'bearer', scope: 'read:orders write:orders' })
    expect(await visitor.result()).toContain('The API would accept it')

    for (const seen of await visitor.presentToAll()) expect(seen.values.status).toBe('200 OK')
    for (const seen of await visitor.presentToAll({ route: 'POST /orders' })) {
      expect(seen.values.status).toBe('201 Created')
      expect(seen.wire).toContain('"by": "alice"')
    }
    for (const seen of await visitor.presentToAll({ token: 'ID token' })) {
      expect(seen.values).toMatchObject({ status: '401 Unauthorized', error: 'invalid_token', reason: 'token_type' })
    }
    // This token has every scope of the API: what is forged must be refused all the same.
    for (const sent of ['one character changed', 'admin:orders added', 'alg: none, unsigned']) {
      for (const seen of await visitor.presentToAll({ sent })) {
        expect(seen.values, sent).toMatchObject({ status: '401 Unauthorized', error: 'invalid_token' })
      }
    }
    const again = await visitor.press('Use the same code again')
    expect(again).toMatchObject({ outcome: 'refused', title: 'Refused: invalid_grant' })
  })

  it('registers an app without a secret, and a thief of its code gets no token (RFC 7636)', async () => {
    const { visitor } = walk
    await visitor.choose('Authorization code with PKCE')
    const registered = await visitor.press('Register an app')
    expect(registered).toMatchObject({ outcome: 'good', title: 'Registered, without a secret' })
    expect(registered.values).not.toHaveProperty('client_secret')
    const stored = await visitor.press('Build the address')
    await visitor.agree({ withhold: 'place orders for you' })

    for (const theft of ['Steal: exchange the code without a verifier', 'Steal: with a made-up verifier']) {
      expect(await visitor.press(theft)).toMatchObject({
        outcome: 'refused',
        title: 'The thief is refused: invalid_grant',
      })
    }
    const tokens = await visitor.press('Exchange code and verifier')
    expect(tokens.outcome).toBe('good')
    expect(tokens.wire).toContain(`code_verifier=${stored.values.code_verifier}`)
    expect(tokens.wire).not.toContain('authorization: Basic')
    expect(tokens.values.scope, 'what was withheld is not in it').toBe('read:orders')

    for (const seen of await visitor.presentToAll()) {
      expect(seen.values.status).toBe('200 OK')
      expect(seen.text).toContain('read:orders is among its scopes')
    }
    for (const seen of await visitor.presentToAll({ route: 'POST /orders' })) {
      expect(seen.values).toMatchObject({
        status: '403 Forbidden',
        error: 'insufficient_scope',
        scope: 'write:orders',
        reason: 'scope',
      })
      expect(seen.text).toContain('POST /orders requires write:orders, and this token has only read:orders')
    }
  })

  it('signs out everywhere: the stream closes, and the next request is refused (N3a, N3c)', async () => {
    const { visitor } = walk
    const { page } = visitor
    await visitor.choose('Signing out everywhere')
    await visitor.press('Build the address')
    expect(await visitor.agree()).toMatchObject({ outcome: 'good', title: 'Tokens' })
    for (const seen of await visitor.presentToAll()) expect(seen.values.status).toBe('200 OK')
    const opened = await visitor.press('Open a stream')
    expect(opened).toMatchObject({ outcome: 'good', title: 'The stream is open' })
    expect(opened.wire).toContain('text/event-stream')
    const closed = await visitor.signOut()
    expect(closed).toMatchObject({ outcome: 'good', title: 'The API has closed the stream' })
    expect(closed.wire).toContain('event: ended\ndata: revoked')
    expect(await page.getByRole('article', { name: 'The API was told' }).count()).toBe(1)
    expect(await visitor.press('Use the token once more')).toMatchObject({
      outcome: 'refused',
      title: '3 of 3 copies of the API refuse it',
      values: { Express: '401', Fastify: '401', Hono: '401' },
    })
    for (const seen of await visitor.presentToAll()) {
      expect(seen.values).toMatchObject({ status: '401 Unauthorized', error: 'invalid_token', reason: 'revoked' })
    }
    // Another sign-in is another session.
    await visitor.press('Build the address')
    await visitor.agree()
    expect((await visitor.present({ framework: 'Hono' })).values.status).toBe('200 OK')
  })

  it('stays signed in: twenty concurrent requests cause one refresh; separate ones look like theft (RFC 9700 §4.14.2)', async () => {
    const { visitor } = walk
    await visitor.choose('Staying signed in')
    await visitor.press('Build the address')
    expect(await visitor.agree()).toMatchObject({ outcome: 'good', title: 'The first pair' })
    expect(await visitor.press('Send 20 requests at once')).toMatchObject({
      outcome: 'good',
      title: '20 of 20 accepted, 1 refresh',
      values: { requests: '20', refreshes: '1', accepted: '20' },
    })
    const once = await visitor.press('Call the API')
    expect(once.title).toMatch(/^1 of 1 accepted, (no|1) refresh$/)
    const theft = await visitor.press('Let each request refresh for itself')
    expect(theft).toMatchObject({
      outcome: 'refused',
      title: 'Signed out: the server saw a refresh token twice',
      values: { refreshes: '20', 'accepted afterwards': '0' },
    })
    expect(Number(theft.values.accepted)).toBeLessThan(20)
    expect(theft.wire).toContain('"error": "invalid_grant"')
  })

  it('gets a token as older web servers do, with a code and a secret (RFC 6749 §4.1)', async () => {
    const { visitor } = walk
    await visitor.choose('Code without PKCE')
    const address = await visitor.press('Build the address')
    expect(address.values).toMatchObject({ response_type: 'code', client_id: 'web-shop' })
    expect(address.values).not.toHaveProperty('code_challenge')
    const back = await visitor.agree()
    expect(back.values.state).toBe(address.values.state)
    const tokens = await visitor.press('Exchange the code')
    expect(tokens.wire).toMatch(/authorization: Basic /)
    for (const seen of await visitor.presentToAll()) expect(seen.values.status).toBe('200 OK')
  })

  it('says in words why, for requests that surprise', async () => {
    const { visitor } = walk
    await visitor.choose('Refresh with rotation')
    await visitor.press('Build the address')
    await visitor.agree()
    const present = (choice: Partial<Choice>) => visitor.present({ framework: 'Hono', ...choice })
    expect((await present({ place: 'form body' })).text).toContain('but this is a GET')
    expect((await present({ place: 'form body', route: 'GET /me' })).text).toContain('but this is a GET')
    expect((await present({ token: 'no token', route: 'GET /me' })).text).toContain('There was no token')
    expect((await present({ token: 'refresh token' })).text).toContain('This is the refresh token')
    expect((await present({ sent: 'admin:orders added' })).text).toContain('You added admin:orders')
  })

  it('gets a token for a machine with client credentials, without a refresh token (RFC 6749 §4.4)', async () => {
    const { visitor } = walk
    await visitor.choose('Client credentials')
    const tokens = await visitor.press('Ask for a token')
    expect(tokens.outcome).toBe('good')
    expect(tokens.wire).toContain('grant_type=client_credentials')
    expect(tokens.wire).not.toContain('refresh_token')

    for (const seen of await visitor.presentToAll()) expect(seen.values.status).toBe('200 OK')
    for (const seen of await visitor.presentToAll({ place: 'query string' })) {
      expect(seen.values).toMatchObject({ status: '400 Bad Request', error: 'invalid_request', reason: 'query_token' })
    }
    for (const seen of await visitor.presentToAll({ route: 'POST /orders', place: 'form body' })) {
      expect(seen.values).toMatchObject({ status: '403 Forbidden', error: 'insufficient_scope' })
    }
    for (const seen of await visitor.presentToAll({ sent: 'admin:orders added' })) {
      expect(seen.values).toMatchObject({ status: '401 Unauthorized', error: 'invalid_token', reason: 'signature' })
    }
    for (const seen of await visitor.presentToAll({ sent: 'alg: none, unsigned' })) {
      expect(seen.values).toMatchObject({ status: '401 Unauthorized', error: 'invalid_token', reason: 'algorithm' })
    }
    for (const seen of await visitor.presentToAll({ token: 'no token' })) {
      expect(seen.values).toMatchObject({ status: '401 Unauthorized', reason: 'no_credentials' })
      expect(seen.values).not.toHaveProperty('error')
    }
  })

  it('refreshes with rotation, and revokes all tokens when an old one is reused (RFC 9700 §4.14.2)', async () => {
    const { visitor } = walk
    await visitor.choose('Refresh with rotation')
    await visitor.press('Build the address')
    expect(await visitor.agree()).toMatchObject({ outcome: 'good', title: 'The first pair' })

    const pair = await visitor.press('Refresh')
    expect(pair).toMatchObject({ outcome: 'good', title: 'A new pair' })
    expect(pair.wire).toContain('grant_type=refresh_token')
    for (const button of ['Use the old refresh token', 'Try the newest one']) {
      expect(await visitor.press(button)).toMatchObject({ outcome: 'refused', title: 'Refused: invalid_grant' })
    }
    for (const seen of await visitor.presentToAll()) {
      expect(seen.values.status, 'a JWT lives on').toBe('200 OK')
    }
    for (const seen of await visitor.presentToAll({ token: 'refresh token' })) {
      expect(seen.values).toMatchObject({ status: '401 Unauthorized', error: 'invalid_token' })
    }
  })

  it('waits for the user on another device, and then gets its token (RFC 8628)', async () => {
    const { visitor } = walk
    await visitor.choose('Device authorization')
    const codes = await visitor.press('Ask for the codes')
    expect(await visitor.press('Ask for the token')).toMatchObject({
      outcome: 'note',
      title: 'Not yet: authorization_pending',
    })
    await approve(visitor, codes.values.user_code ?? '')
    const tokens = await visitor.press('Ask for the token')
    expect(tokens).toMatchObject({ outcome: 'good', title: 'Tokens' })
    for (const seen of await visitor.presentToAll()) expect(seen.values.status).toBe('200 OK')
    for (const seen of await visitor.presentToAll({ route: 'POST /orders' })) {
      expect(seen.values).toMatchObject({ status: '403 Forbidden', reason: 'scope' })
    }
  })

  it('introspects an opaque token, and notices its revocation (RFC 7662, RFC 7009)', async () => {
    const { visitor } = walk
    await visitor.choose('Introspection and revocation')
    await visitor.press('Ask for a token')
    expect(await visitor.result()).toContain('An opaque token')
    expect(await visitor.press('Introspect the token')).toMatchObject({ outcome: 'good', values: { active: 'true' } })
    const payment = { route: 'POST /payments' }
    for (const seen of await visitor.presentToAll(payment)) expect(seen.values.status).toBe('201 Created')

    expect(await visitor.press('Revoke the token')).toMatchObject({ outcome: 'good', title: 'Revoked' })
    expect(await visitor.press('Introspect the token')).toMatchObject({ outcome: 'refused', title: 'Not active' })
    const refused = { status: '401 Unauthorized', error: 'invalid_token', reason: 'inactive' }
    for (const seen of await visitor.presentToAll(payment)) expect(seen.values).toMatchObject(refused)
    for (const seen of await visitor.presentToAll())
      expect(seen.values, 'found by the other route').toMatchObject(refused)
  })

  it('proves possession of a key with each request, which a thief cannot (RFC 9449)', async () => {
    const { visitor } = walk
    await visitor.choose('DPoP-bound tokens')
    const key = await visitor.press('Make a pair of keys')
    const token = await visitor.press('Ask for a token')
    expect(token).toMatchObject({ outcome: 'good', values: { token_type: 'dpop', typ: 'dpop+jwt', htm: 'POST' } })
    expect(await visitor.inspected()).toContain(`"jkt":"${key.values.jkt}"`)

    for (const framework of FRAMEWORKS) {
      const good = await visitor.present({ framework, proof: 'a fresh one' })
      expect(good.values).toMatchObject({ status: '200 OK', htm: 'GET', htu: 'https://orders.example/orders' })
      for (const [proof, error, reason, why] of [
        ['the last one again', 'invalid_dpop_proof', 'proof_replayed', 'has been used before'],
        ['none: a thief has only the token', 'invalid_dpop_proof', 'proof_missing', 'the request has no proof'],
        ['none, and sent as a Bearer token', 'invalid_token', 'confirmation', 'without a proof'],
        ['one by another key', 'invalid_token', 'confirmation', 'signed with another key'],
        ['one for another route', 'invalid_dpop_proof', 'proof_method', 'with another method'],
      ] as const) {
        const seen = await visitor.present({ framework, proof })
        expect(seen.values, proof).toMatchObject({ status: '401 Unauthorized', error, reason })
        expect(seen.text, 'what failed, in words').toContain(why)
        expect(seen.meanings, 'there was a token, and it was wrong').not.toContain('there was no token')
        expect(seen.meanings).toContain('says what was wrong')
        expect(seen.meanings.includes('The proof is not valid')).toBe(error === 'invalid_dpop_proof')
        if (proof.endsWith('Bearer token')) expect(seen.meanings).toContain('The error is in the Bearer challenge')
      }
    }
  })

  it('gets a token bound to its certificate, which is refused over any other connection (RFC 8705 §3)', async () => {
    const { visitor } = walk
    await visitor.choose('Certificate-bound tokens')
    const { values: certificate } = await visitor.press('Show the certificate')
    const thumbprint = certificate['x5t#S256'] ?? ''
    expect(thumbprint).toMatch(/^[\w-]{43}$/)
    const theft = await visitor.press('Ask as the depot, with another certificate')
    expect(theft).toMatchObject({ outcome: 'refused', title: 'The impostor is refused: invalid_client' })
    expect(theft.wire).toContain('client certificate: thief')

    const token = await visitor.press('Ask for a token')
    expect(token).toMatchObject({ outcome: 'good', title: 'A token bound to the certificate' })
    expect(token.values).toMatchObject({ 'cnf x5t#S256': thumbprint, 'client certificate': thumbprint })
    expect(token.wire).toContain('server certificate: localhost')
    expect(token.wire).toContain('client_id=depot')
    expect(token.wire, 'no secret').not.toMatch(/authorization: Basic|client_secret/i)
    expect(await visitor.inspected()).toContain(`"x5t#S256":"${thumbprint}"`)
    expect(await visitor.result()).toContain('The API would accept it, over TLS with its certificate')

    const connection = "TLS with the depot's certificate"
    for (const framework of FRAMEWORKS) {
      for (const [route, status] of [
        ['GET /orders', '200 OK'],
        ['POST /orders', '201 Created'],
      ] as const) {
        const seen = await visitor.present({ framework, route, connection })
        expect(seen.values.status, framework).toBe(status)
        expect(seen.wire).toContain('server certificate: orders.example')
        expect(seen.wire).toContain(`x5t#S256: ${thumbprint}`)
      }
      for (const [connection, certificate, why] of [
        ['TLS with another certificate', 'client certificate: thief', 'differs from the one'],
        ['TLS without a certificate', 'client certificate: none', 'presented none in the handshake'],
        ['plain HTTP', 'host: orders.example', 'without TLS there is no handshake'],
      ] as const) {
        const seen = await visitor.present({ framework, connection })
        expect(seen.values).toMatchObject({
          status: '401 Unauthorized',
          error: 'invalid_token',
          reason: 'confirmation',
        })
        expect(seen.text, connection).toContain(why)
        expect(seen.wire.toLowerCase(), connection).toContain(certificate)
        expect(seen.wire.includes('TLS 1.'), connection).toBe(connection !== 'plain HTTP')
        expect(seen.wire, connection).not.toContain(thumbprint)
      }
      const alone = await visitor.present({ framework, token: 'no token', connection })
      expect(alone.values, 'a certificate is not a token').toMatchObject({
        status: '401 Unauthorized',
        reason: 'no_credentials',
      })
    }
  })

  it('shows the refusals of the authorization server, each for real (RFC 6749 §4.1.2.1, §5.2)', async () => {
    const { visitor } = walk
    await visitor.choose('When there is no token')
    await visitor.press('Build the address')
    const denied = await visitor.refuse()
    expect(denied).toMatchObject({ outcome: 'refused', title: 'The browser brings access_denied' })

    for (const [button, error, status] of [
      ['Send a wrong secret', 'invalid_client', 401],
      ['Send a made-up refresh token', 'invalid_grant', 400],
      ['Ask for too much', 'invalid_scope', 400],
    ] as const) {
      const seen = await visitor.press(button)
      expect(seen).toMatchObject({ outcome: 'refused', title: `Refused: ${error}`, values: { error } })
      expect(seen.wire).toContain(`HTTP/1.1 ${status} `)
      expect(seen.wire).toContain(`"error": "${error}"`)
    }
    for (const seen of await visitor.presentToAll({ token: 'no token' })) {
      expect(seen.values).toMatchObject({ status: '401 Unauthorized', reason: 'no_credentials' })
    }
  })
}

/** In another tab, which stands for another device. */
async function approve(visitor: Visitor, userCode: string): Promise<void> {
  const opened = visitor.context.waitForEvent('page')
  await visitor.activate(visitor.page.getByRole('link', { name: 'Open the page for codes' }))
  const phone = await opened
  const enter = async (code: string) => {
    await phone.getByLabel('The code that the device shows').fill(code)
    await phone.getByRole('button', { name: 'Continue' }).click()
  }
  await enter('WRONG-CODE')
  await phone.getByRole('alert').waitFor()
  await enter(userCode)
  await phone.getByText(userCode).waitFor()
  await phone.getByRole('button', { name: 'Yes, it is mine' }).click()
  await phone.getByRole('button', { name: 'Sign in as Alice' }).click()
  await phone.getByRole('button', { name: 'Allow' }).click()
  await phone.getByRole('heading', { name: 'Connected' }).waitFor()
  await phone.close()
}
