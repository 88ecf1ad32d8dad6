import { createServer } from 'node:http'
import { createResourceServer, type ResourceServerOptions } from 'bearward'
import { resourceServer } from 'bearward/node'
import { createDpopClient, type DpopClient } from 'bearward/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKit, NOW, optionsFor } from '../corpus/kit.ts'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal } from '../support/apps/expect-response.ts'
import { bearer, exchange, type RawRequest } from '../support/http/raw-client.ts'
import { ORDERS } from './orders-api.ts'

// R8: tokens in a header of a proxy, in a cookie, or in a WebSocket subprotocol.

const kit = createKit()
const fetched: string[] = []
const base = optionsFor(kit, fetched)
const APP = 'https://app.example.com'
const credentials = {
  header: 'X-Access-Token',
  cookie: { name: '__Host-token', origins: [APP] },
  webSocketProtocol: true,
} satisfies ResourceServerOptions['credentials']

const good = kit.token()
const bad = kit.token({ signer: kit.attacker })
const SAME = 'Sec-Fetch-Site: same-origin'

let apps: readonly App[]
let plain: readonly App[]
let proving: readonly App[]
let client: DpopClient
beforeAll(async () => {
  client = await createDpopClient()
  apps = await startAll({ ...base, credentials, formTokens: 'accept' }, ORDERS)
  proving = await startAll({ ...base, credentials, dpop: 'accept' }, ORDERS)
  plain = await startAll(base, ORDERS)
})
afterAll(async () => {
  await closeAll([...apps, ...plain, ...proving])
  expect(fetched).toEqual([])
})

/** The lines that carry a token in each source. */
const SOURCES: Record<string, (token: string) => readonly string[]> = {
  'the header of a proxy': (token) => [`X-Access-Token: ${token}`],
  'a cookie': (token) => [`Cookie: a=b; __Host-token=${token}; c=d`, SAME],
  'a WebSocket subprotocol (RFC 6455 §1.9)': (token) => [`Sec-WebSocket-Protocol: chat, bearer.${token}`],
}

const several = (lines: readonly string[], over: RawRequest = {}) =>
  expectRefusal(apps, { lines, ...over }, { error: 'invalid_request', reason: 'several_credentials' })
const syntax = (...lines: readonly string[]) =>
  expectRefusal(apps, { lines }, { error: 'invalid_request', reason: 'token_syntax' })
const none = (...lines: readonly string[]) =>
  expectRefusal(apps, { lines }, { reason: 'no_credentials', scope: 'read:orders' })

describe.each(Object.entries(SOURCES))('R8: %s', (_, carry) => {
  it('carries a token where it is enabled', async () => {
    expect(await expectReached(apps, { lines: carry(good) })).toMatchObject({ subject: 'user-1' })
    await expectRefusal(
      apps,
      { lines: carry(bad) },
      { error: 'invalid_token', reason: 'unknown_key', scope: 'read:orders' },
    )
  })

  it('is not read by default', async () => {
    await expectRefusal(plain, { lines: carry(good) }, { reason: 'no_credentials', scope: 'read:orders' })
    await expectReached(plain, { lines: [...bearer(good), ...carry(bad)] })
  })

  it('counts as a credential beside any other (RFC 6750 §2)', async () => {
    await several([...bearer(good), ...carry(good)])
    await several([...bearer(good), ...carry(bad)])
    for (const other of Object.values(SOURCES)) if (other !== carry) await several([...carry(good), ...other(good)])
    const form = { method: 'POST', target: '/orders', body: `access_token=${good}` }
    await several([...carry(good), 'Content-Type: application/x-www-form-urlencoded'], form)
  })

  it('does not make up for a token in the query (RFC 9700 §4.3.2)', async () => {
    const request = { target: '/orders?access_token=a', lines: carry(good) }
    await expectRefusal(apps, request, { error: 'invalid_request', reason: 'query_token' })
  })

  it('is ignored beside a scheme that is not ours', async () => {
    await expectReached(apps, { lines: ['Authorization: Basic dTpw', ...carry(good)] })
  })

  it('never carries a DPoP-bound token, with or without its proof (RFC 9449 §7.2)', async () => {
    const token = kit.token({ claims: kit.claims({ cnf: client.confirmation }) })
    const proof = await client.proof({ method: 'GET', url: 'https://api.example.com/orders', token })
    for (const lines of [carry(token), [...carry(token), `DPoP: ${proof}`]]) {
      const responses = await Promise.all(proving.map(({ port }) => exchange(port, { lines })))
      for (const { status, body } of responses) expect([status, JSON.parse(body).reason]).toEqual([401, 'confirmation'])
    }
  })

  it('carries one token68, without a scheme (RFC 6750 §2.1)', async () => {
    for (const wrong of [`Bearer ${good}`, 'a b', 'a"b', 'é', 'a%20b', `${good}=a`]) await syntax(...carry(wrong))
    const request = { lines: carry('a'.repeat(9000)) }
    await expectRefusal(apps, request, { error: 'invalid_token', reason: 'token_too_large', scope: 'read:orders' })
  })
})

describe('R8: the header', () => {
  it('has one line, and one value', async () => {
    await several([`X-Access-Token: ${good}`, `X-Access-Token: ${good}`])
    await several([`X-Access-Token: ${good}`, `x-access-token: ${bad}`])
    await several([`X-Access-Token: ${good}, ${good}`])
    await several([`X-Access-Token: ${good},`])
  })

  it('is wrong where it is empty', () => syntax('X-Access-Token: '))
})

describe('R8: the cookie', () => {
  const cookie = `Cookie: __Host-token=${good}`

  it('is a credential only from a page of this API, from the user, or from a listed origin', async () => {
    await expectReached(apps, { lines: [cookie, 'Sec-Fetch-Site: none'] })
    await expectReached(apps, { lines: [cookie, `Origin: ${APP}`] })
    await expectReached(apps, { lines: [cookie, `Origin: ${APP}`, 'Sec-Fetch-Site: cross-site'] })
  })

  it('is ignored in any other request, which another site may have caused', async () => {
    await none(cookie)
    for (const site of ['cross-site', 'same-site', 'Same-Origin', 'same-origin, cross-site', '"same-origin"', ''])
      await none(cookie, `Sec-Fetch-Site: ${site}`)
    await none(cookie, SAME, 'Sec-Fetch-Site: cross-site')
    await none(cookie, SAME, SAME)
    for (const origin of [
      'https://evil.example',
      'null',
      `${APP}.evil.example`,
      `${APP}/`,
      `${APP}:443`,
      APP.toUpperCase(),
    ])
      await none(cookie, `Origin: ${origin}`)
    await none(cookie, `Origin: ${APP}`, 'Origin: https://evil.example')
  })

  it('is ignored there for the count of credentials as well, so that another site cannot have a request refused', () =>
    expectReached(apps, { lines: [...bearer(good), cookie, 'Sec-Fetch-Site: cross-site'] }))

  it('occurs once, also across lines and beside an empty one', async () => {
    await several([`Cookie: __Host-token=${good}; __Host-token=${good}`, SAME])
    await several([`Cookie: __Host-token=${bad}; a=b`, `Cookie: __Host-token=${good}`, SAME])
    await syntax(`Cookie: __Host-token=; __Host-token=${good}`, SAME)
    await several([`Cookie: __Host-token=${good}; __Host-token=`, SAME])
    await syntax(`Cookie: __Host-token="a; __Host-token=${good}; b="`, SAME)
  })

  it('may be in quotes, which are not part of it and hide nothing (RFC 6265 §4.1.1)', async () => {
    await expectReached(apps, { lines: [`Cookie: __Host-token="${good}"`, SAME] })
    await syntax(`Cookie: __Host-token="${good}`, SAME)
    await syntax(`Cookie: __Host-token=${good}"`, SAME)
    await syntax(`Cookie: __Host-token=""${good}""`, SAME)
    await syntax('Cookie: __Host-token="', SAME)
  })

  it('has exactly this name, and is absent where it is empty', async () => {
    for (const name of ['__host-token', 'x__Host-token', '__Host-token2', '__Host-token ', '"__Host-token"'])
      await none(`Cookie: ${name}=${good}`, SAME)
    await none(`Cookie: a=__Host-token=${good}`, SAME)
    for (const empty of ['__Host-token=', '__Host-token=""', '__Host-token']) await none(`Cookie: ${empty}`, SAME)
    await expectReached(apps, { lines: [`Cookie: ;; a ;__Host-token=${good} ;`, SAME] })
  })
})

describe('R8: the WebSocket subprotocol', () => {
  it('occurs once, also across lines (RFC 6455 §11.3.4)', async () => {
    await expectReached(apps, { lines: ['Sec-WebSocket-Protocol: chat', `Sec-WebSocket-Protocol: bearer.${good}`] })
    await several([`Sec-WebSocket-Protocol: bearer.${good}, bearer.${good}`])
    await several([`Sec-WebSocket-Protocol: bearer.${good}`, `Sec-WebSocket-Protocol: bearer.${bad}`])
    await syntax(`Sec-WebSocket-Protocol: bearer., bearer.${good}`)
  })

  it('is wrong without a token, and another one in any other spelling', async () => {
    await syntax('Sec-WebSocket-Protocol: chat, bearer.')
    for (const other of ['bearer', `Bearer.${good}`, `xbearer.${good}`, `bearer-${good}`, good])
      await none(`Sec-WebSocket-Protocol: chat, ${other}`)
  })

  it('authenticates an upgrade, and is not in our response', async () => {
    const { upgrade } = resourceServer({ ...base, credentials })
    const http = createServer()
    http.on('upgrade', async (request, socket) => {
      const token = await upgrade(request, socket)
      if (token) socket.end(`HTTP/1.1 101 Switching Protocols\r\nX-Subject: ${token.subject}\r\n\r\n`)
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as { port: number }
    const send = (protocol: string) =>
      exchange(port, {
        target: '/orders',
        lines: ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Protocol: ${protocol}`],
      })
    const accepted = await send(`bearer.${good}, chat`)
    expect([accepted.status, accepted.header('X-Subject')]).toEqual([101, 'user-1'])
    const refused = await send(`bearer.${bad}, chat`)
    expect([refused.status, refused.all('Sec-WebSocket-Protocol')]).toEqual([401, []])
    http.close()
  })
})

describe('R8: options', () => {
  it('enable one source each, of requests that have headers', async () => {
    const server = createResourceServer({ ...base, credentials: { header: 'X-Access-Token' } })
    const lines: Readonly<Record<string, readonly string[]>> = { 'sec-websocket-protocol': [`chat, bearer.${good}`] }
    const request = { native: {}, method: 'GET', target: '/', authorization: [], contentType: undefined }
    for (const headers of [undefined, (name: string) => lines[name] ?? []]) {
      const attempt = server.authenticate({ ...request, ...(headers && { headers }) }, [])
      await expect(attempt).rejects.toMatchObject({ reason: 'no_credentials' })
    }
  })

  it.each(['Authorization', 'Cookie', 'DPoP', 'Host', 'Origin', 'Sec-Fetch-Site', 'Sec-WebSocket-Protocol'])(
    'refuse the header %s, which has another meaning',
    (header) => {
      expect(() => createResourceServer({ ...base, credentials: { header } })).toThrow('credentials.header cannot be')
    },
  )

  const wrong: Record<string, readonly [object, RegExp]> = {
    'a header with another meaning, in any case': [{ header: 'COOKIE' }, /credentials.header cannot be cookie/],
    'a header with a space': [{ header: 'a b' }, /credentials.header must be the name/],
    'a cookie without a name': [{ cookie: { origins: [APP] } }, /cookie.name is missing: the cookie that contains/],
    'a cookie whose name has a separator': [{ cookie: { name: 'a;b' } }, /credentials.cookie.name must be the name/],
    'an origin with a path': [{ cookie: { name: 'a', origins: [`${APP}/`] } }, /origins\[0\] must be an origin/],
    'the origin null': [{ cookie: { name: 'a', origins: ['null'] } }, /origins\[0\] must be an absolute URL/],
    'an origin of a file': [{ cookie: { name: 'a', origins: ['file:///'] } }, /origins\[0\] must be an origin/],
    'every origin': [{ cookie: { name: 'a', origins: ['*'] } }, /origins\[0\] must be an absolute URL/],
    'no origins': [{ cookie: { name: 'a', origins: [] } }, /origins must be an array with at least one/],
    'an unknown source': [{ query: 'token' }, /credentials.query is unknown/],
  }
  it.each(Object.entries(wrong))('refuse %s', (_, [value, message]) => {
    expect(() => createResourceServer({ ...base, credentials: value, clock: () => NOW })).toThrow(message)
  })
})
