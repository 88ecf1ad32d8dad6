import { resourceServer as onFetch } from 'bearward/fetch'
import { resourceServer as onHono } from 'bearward/hono'
import { createDpopClient } from 'bearward/testing'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { options as bearer, kit } from './nest-kit.ts'

const options = { ...bearer, dpop: { nonce: { secret: 'x'.repeat(32) } }, clock: () => Date.now() / 1000 }

// On Deno, WebSockets begin with a response whose status is 101. Node can create none, but one that is as impossible to copy.
const handler = () => Response.error()

it.each<[string, () => (request: Request) => Response | Promise<Response>]>([
  ['fetch', () => onFetch(options).protect()(handler)],
  ['Hono', () => new Hono().get('/orders', onHono(options).protect(), handler).fetch],
])('%s: a response that cannot be copied is passed on without a nonce (RFC 9449 §8.2)', async (_, create) => {
  const [send, client] = [create(), await createDpopClient()]
  const now = Math.floor(Date.now() / 1000)
  const token = kit.token({ claims: kit.claims({ iat: now, exp: now + 60, cnf: client.confirmation }) })
  const call = async (nonce: string | null) => {
    const url = `${RESOURCE}/orders`
    const proof = await client.proof({ method: 'GET', url, token, ...(nonce !== null && { nonce }) })
    return send(new Request(url, { headers: { authorization: `DPoP ${token}`, dpop: proof } }))
  }
  const { status, headers } = await call(null)
  expect(status).toBe(401)
  expect((await call(headers.get('dpop-nonce'))).type).toBe('error')
})
