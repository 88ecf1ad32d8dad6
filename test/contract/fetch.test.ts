import { runInNewContext } from 'node:vm'
import { BearwardError } from 'bearward'
import { resourceServer } from 'bearward/fetch'
import { createDpopClient } from 'bearward/testing'
import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { boundTo, clockOf, kit, ORDERS } from './dpop-kit.ts'

const options = {
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: clockOf,
}
const good = kit.token()
const request = (authorization?: string, init: RequestInit = {}) =>
  new Request(ORDERS, { ...init, headers: { ...init.headers, ...(authorization && { authorization }) } })
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

describe('a wrapped handler (F1)', () => {
  const { requireScope, protect, accessToken, maybeAccessToken } = resourceServer(options)

  it('gets the request itself, and what its host passes besides', async () => {
    const seen: unknown[] = []
    const handler = requireScope('read:orders')((...given: [Request, { id: string }, number]) => {
      seen.push(...given)
      return new Response(accessToken(given[0]).subject)
    })
    const sent = request(`Bearer ${good}`)
    expect(await (await handler(sent, { id: '7' }, 1)).text()).toBe('user-1')
    expect(seen).toEqual([sent, { id: '7' }, 1])
    expect(seen[0]).toBe(sent)
  })

  it('does not run for two credentials, which Headers joins with a comma (RFC 6750 §2)', async () => {
    for (const second of ['Bearer b', `Bearer ${good}`, 'Basic dXNlcjpw']) {
      const sent = request(`Bearer ${good}`)
      sent.headers.append('authorization', second)
      const response = await protect()(() => expect.fail('it ran'))(sent)
      expect([response.status, await response.json()]).toMatchObject([400, { reason: 'several_credentials' }])
    }
  })

  it('that throws or rejects does so to its host', async () => {
    const thrown = new Error('own failure')
    const throwing = protect()(() => {
      throw thrown
    })
    await expect(throwing(request(`Bearer ${good}`))).rejects.toBe(thrown)
    await expect(protect()(() => Promise.reject(thrown))(request(`Bearer ${good}`))).rejects.toBe(thrown)
  })

  it('is required: a guard mounted in its place lets no request through', () => {
    const mounted = protect() as unknown as (request: Request) => unknown
    expect(() => mounted(request(`Bearer ${good}`))).toThrow('check(request)')
  })

  it('a request that is used again is decided again by each guard', async () => {
    const sent = request(`Bearer ${good}`)
    expect((await protect()(() => new Response('ok'))(sent)).status).toBe(200)
    expect((await requireScope('admin')(() => new Response('ok'))(sent)).status).toBe(403)
    expect(maybeAccessToken(sent)).toBeUndefined()
    expect(() => accessToken(sent)).toThrow('accessToken()')
  })

  it('what a guard throws never becomes a response (A7)', async () => {
    const response = new Response('secret')
    for (const thrown of [response, undefined, null, '', { status: 200 }]) {
      const handler = protect(() => Promise.reject(thrown))(() => new Response('ok'))
      const outcome = await handler(request(`Bearer ${good}`)).catch((error: unknown) => error)
      expect(outcome).toBeInstanceOf(Error)
    }
  })

  it('an error of a guard is handed on as it is, of whatever realm, unless it says how to respond', async () => {
    const OtherError: ErrorConstructor = runInNewContext('Error')
    for (const thrown of [new Error('own'), new OtherError('own'), new DOMException('aborted', 'AbortError')]) {
      const handler = protect(() => Promise.reject(thrown))(() => new Response('ok'))
      expect(await handler(request(`Bearer ${good}`)).catch((error: unknown) => error)).toBe(thrown)
    }
    const thrown = Object.assign(new OtherError('own'), { status: 200 })
    const handler = protect(() => Promise.reject(thrown))(() => new Response('ok'))
    const outcome = await handler(request(`Bearer ${good}`)).catch((error: unknown) => error)
    expect(outcome).toMatchObject({ status: 500, cause: thrown })
  })
})

describe('check()', () => {
  it('returns the token, or the response of the wrapped handler', async () => {
    const { requireScope } = resourceServer(options)
    expect(await requireScope('read:orders').check(request(`Bearer ${good}`))).toMatchObject({ subject: 'user-1' })
    for (const sent of [request(), request('Bearer a.b.c')]) {
      const refused = await requireScope('read:orders').check(sent)
      const wrapped = await requireScope('read:orders')(() => new Response())(new Request(sent))
      if (!(refused instanceof Response)) throw new Error('it was permitted')
      expect([refused.status, [...refused.headers], await refused.text()]).toEqual([
        wrapped.status,
        [...wrapped.headers],
        await wrapped.text(),
      ])
    }
  })

  it('returns undefined for an anonymous request only where that is permitted', async () => {
    const { optionalAuth } = resourceServer(options)
    expect(await optionalAuth().check(request())).toBeUndefined()
    expect(await optionalAuth().check(request('Bearer a.b.c'))).toMatchObject({ status: 401 })
  })

  it("throws the error with errors: 'forward', as the wrapped handler does", async () => {
    const { protect } = resourceServer({ ...options, errors: 'forward' })
    await expect(protect().check(request())).rejects.toBeInstanceOf(BearwardError)
    await expect(protect()(() => new Response())(request())).rejects.toMatchObject({ status: 401 })
  })
})

describe('headers for the response (RFC 9449 §8.2)', async () => {
  const { protect, server } = resourceServer({ ...options, dpop: { nonce: { secret: 'n'.repeat(32) } } })
  const client = await createDpopClient({ clock: clockOf })
  const token = boundTo(client)
  const send = async (nonce?: string) =>
    request(`DPoP ${token}`, {
      headers: { dpop: await client.proof({ method: 'GET', url: ORDERS, token, ...(nonce && { nonce }) }) },
    })
  const refused = await protect().check(await send())
  const nonce = refused instanceof Response ? (refused.headers.get('dpop-nonce') ?? '') : ''

  it('are added to a copy: its own may be immutable, and it may be returned again', async () => {
    const cookies = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ])
    for (const response of [
      Response.redirect('https://example.com/', 303),
      new Response(null, { status: 204 }),
      new Response('tea', { status: 201, statusText: 'Brewed', headers: cookies }),
    ]) {
      const { status, statusText } = response
      const copy = await protect()(() => response)(await send(nonce))
      expect([copy.status, copy.statusText, copy.headers.get('dpop-nonce')]).toEqual([status, statusText, nonce])
      expect(copy.headers.getSetCookie()).toEqual(response.headers.getSetCookie())
      expect(response.headers.has('dpop-nonce')).toBe(false)
      expect(await copy.text()).toBe(status === 201 ? 'tea' : '')
    }
  })

  it('are at the server for those who use check()', async () => {
    const sent = await send(nonce)
    await protect().check(sent)
    expect(server.responseHeaders(sent)).toEqual({ 'DPoP-Nonce': nonce })
  })

  it('a response is the same object where there are none', async () => {
    const response = new Response('tea')
    expect(await protect()(() => response)(request(`Bearer ${good}`))).toBe(response)
  })
})

describe('form tokens (RFC 6750 §2.2)', () => {
  const { protect } = resourceServer({ ...options, formTokens: 'accept' })
  const post = (body: string | ReadableStream) =>
    request(undefined, { method: 'POST', headers: FORM, body, duplex: 'half' } as object)

  it('are read from a copy: the handler has the body', async () => {
    const handler = protect()(async (sent) => new Response((await sent.formData()).get('note') as string))
    expect(await (await handler(post(`access_token=${good}&note=a+b`))).text()).toBe('a b')
  })

  it('are found where bodies are no streams, as in service workers of Firefox', async () => {
    const withoutStream = (sent: Request): Request => {
      const { clone } = sent
      return Object.defineProperties(sent, {
        body: { value: undefined },
        clone: { value: () => withoutStream(clone.call(sent)) },
      })
    }
    const post = (authorization?: string) =>
      withoutStream(request(authorization, { method: 'POST', headers: FORM, body: `access_token=${good}` }))
    expect(await protect().check(post())).toMatchObject({ subject: 'user-1' })
    const both = await protect().check(post(`Bearer ${good}`))
    expect(both instanceof Response && [both.status, await both.json()]).toMatchObject([
      400,
      { reason: 'several_credentials' },
    ])
  })

  it('a form without end is read up to the limit', async () => {
    const endless = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setImmediate(resolve))
        controller.enqueue(new Uint8Array(8192).fill(0x61))
      },
    })
    expect(await protect().check(post(endless))).toMatchObject({ status: 400 })
  })

  it('a body that was read before the guard is an error of the application, and no request without a token', async () => {
    const { optionalAuth } = resourceServer({ ...options, formTokens: 'accept' })
    const [used, locked] = [post('a=b'), post('a=b')]
    await used.text()
    locked.body?.getReader()
    for (const sent of [used, locked]) {
      await expect(protect().check(sent)).rejects.toThrow('before the body is read')
      await expect(optionalAuth().check(sent)).rejects.toThrow('before the body is read')
    }
  })

  it('the body is not touched where they are off', async () => {
    const sent = post(`access_token=${good}`)
    const response = await resourceServer(options).protect().check(sent)
    expect([response, sent.bodyUsed]).toMatchObject([{ status: 401 }, false])
  })
})

describe('metadata()', () => {
  it('responds to requests for the document and to no others (RFC 9728 §3)', async () => {
    const metadata = resourceServer(options).metadata()
    const url = 'https://api.example.com/.well-known/oauth-protected-resource'
    expect(await (await metadata(new Request(url)))?.json()).toMatchObject({ resource: RESOURCE })
    expect((await metadata(new Request(url, { method: 'OPTIONS' })))?.status).toBe(204)
    expect(await metadata(new Request(url, { method: 'POST' }))).toBeUndefined()
    expect(await metadata(request())).toBeUndefined()
  })
})
