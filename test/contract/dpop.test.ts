import { type BearwardEvent, type ReplayStore, scope } from 'bearward'
import { BAD_PROOFS, type BadProof, createDpopClient, type DpopClient } from 'bearward/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import type { App, Route } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal, PLACE, responseOfAll, SENTENCES } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import {
  activeResponse,
  CLIENT,
  createIntrospectionEndpoint,
  opaqueToken,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import {
  ALGS,
  accepts,
  boundTo,
  clockOf,
  dpop,
  expectDpopRefusal,
  kit,
  ORDERS,
  proven,
  refusesProof,
} from './dpop-kit.ts'

const ROUTES: readonly Route[] = [
  { path: '/orders', methods: ['GET', 'POST'], use: (to) => [to.requireScope('read:orders')] },
  { path: '/stacked', use: (to) => [to.protect(), to.requireScope('read:orders'), to.protect(scope('read:orders'))] },
  { path: '/write', use: (to) => [to.requireScope('write:orders')] },
]
const issuer = { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) }
const options = { resource: RESOURCE, issuer, clock: clockOf, dpop: 'accept' } as const

let client: DpopClient
let other: DpopClient
let apps: readonly App[]
const started: App[] = []
const start = async (more: object) => {
  const startedApps = await startAll({ ...options, ...more }, ROUTES)
  started.push(...startedApps)
  return startedApps
}
beforeAll(async () => {
  client = await createDpopClient({ clock: clockOf })
  other = await createDpopClient({ clock: clockOf })
  apps = await start({})
})
afterAll(() => closeAll(started))

describe('a token that is bound to a key (D1, RFC 9449 §7)', () => {
  it('is accepted with a proof', async () => {
    await accepts(apps, await proven(client, boundTo(client)))
  })

  it('is accepted again, from the cache, with a new proof each time', async () => {
    const token = boundTo(client)
    for (let round = 0; round < 3; round++) await accepts(apps, await proven(client, token))
  })

  it('names the scheme in any case (RFC 9110 §11.1)', async () => {
    const { lines = [] } = await proven(client, boundTo(client))
    await accepts(apps, { lines: lines.map((line) => line.replace('DPoP ', 'dpop ').replace('DPoP:', 'dPoP:')) })
  })

  it('is refused as a bearer token, with a challenge for each scheme (RFC 9449 §7.2)', async () => {
    const token = boundTo(client)
    const proof = await client.proof({ url: ORDERS, token })
    for (const lines of [bearer(token), [...bearer(token), `DPoP: ${proof}`]]) {
      const response = await responseOfAll(apps, { lines })
      expect(response.status).toBe(401)
      expect(response.header('WWW-Authenticate')).toBe(
        `Bearer realm="${PLACE.realm}", error="invalid_token", error_description="${SENTENCES.confirmation}", ` +
          `scope="read:orders", resource_metadata="${PLACE.metadata}", ` +
          `DPoP realm="${PLACE.realm}", scope="read:orders", algs="${ALGS}", resource_metadata="${PLACE.metadata}"`,
      )
    }
  })

  it('is refused with the proof of another client', async () => {
    const request = await proven(other, boundTo(client))
    await expectDpopRefusal(apps, request, { error: 'invalid_token', reason: 'confirmation' })
  })

  it('is refused without a proof, and with two (RFC 9449 §4.3 check 1)', async () => {
    const token = boundTo(client)
    const [one, two] = [await client.proof({ url: ORDERS, token }), await client.proof({ url: ORDERS, token })]
    await refusesProof(apps, { lines: dpop(token) }, 'proof_missing')
    await refusesProof(apps, { lines: dpop(token, one, two) }, 'several_proofs')
    await refusesProof(apps, { lines: dpop(token, one, one) }, 'several_proofs')
    await refusesProof(apps, { lines: dpop(token, `${one}, ${two}`) }, 'several_proofs')
    await refusesProof(apps, { lines: dpop(token, '') }, 'proof_malformed')
    await accepts(apps, { lines: dpop(token, one) })
  })

  it.each(Object.entries(BAD_PROOFS) as [BadProof, (typeof BAD_PROOFS)[BadProof]][])(
    'is refused with a bad proof: %s',
    async (name, reason) => {
      const token = boundTo(client)
      await refusesProof(apps, { lines: dpop(token, await client.badProof(name, { url: ORDERS, token })) }, reason)
    },
  )

  it('is refused for another method (RFC 9449 §4.3 check 8)', async () => {
    const token = boundTo(client)
    const { lines = [] } = await proven(client, token)
    await refusesProof(apps, { method: 'POST', lines }, 'proof_method')
    await refusesProof(apps, { method: 'HEAD', lines }, 'proof_method')
    await accepts(apps, await proven(client, token, { method: 'POST' }))
  })

  it('is refused if it has expired, whatever the proof', async () => {
    const token = boundTo(client, { exp: NOW - 100 })
    await expectDpopRefusal(apps, await proven(client, token), { error: 'invalid_token', reason: 'expired' })
  })

  it('gets 403 with a DPoP challenge if it lacks a scope', async () => {
    const request = await proven(client, boundTo(client), { target: '/write', url: 'https://api.example.com/write' })
    const response = await responseOfAll(apps, request)
    expect(response.status).toBe(403)
    expect(response.header('WWW-Authenticate')).toMatch(/^DPoP .*error="insufficient_scope".*scope="write:orders"/)
  })
})

describe('a token that is not bound', () => {
  it('is accepted as a bearer token, and a proof beside it is ignored', async () => {
    expect((await expectReached(apps, { lines: bearer(kit.token()) })).boundBy).toBeNull()
    expect((await expectReached(apps, { lines: [...bearer(kit.token()), 'DPoP: x'] })).boundBy).toBeNull()
  })

  it('is refused in the scheme DPoP: a proof would prove nothing (RFC 9449 §7.1)', async () => {
    const request = await proven(client, kit.token())
    await expectDpopRefusal(apps, request, { error: 'invalid_token', reason: 'unbound' })
  })
})

describe('the URI of a proof (RFC 9449 §4.3 check 9)', () => {
  it('is compared with the public URL, never with what the request claims', async () => {
    const token = boundTo(client)
    const forwarded = ['X-Forwarded-Host: evil.example', 'X-Forwarded-Proto: http', 'Forwarded: host=evil.example']
    for (const url of ['https://evil.example/orders', 'http://evil.example/orders', 'http://api.example.com/orders']) {
      await refusesProof(apps, await proven(client, token, { url, lines: forwarded }), 'proof_target')
    }
    const { lines = [] } = await proven(client, token)
    await accepts(apps, { lines: [...lines, ...forwarded] })
    const { lines: evil = [] } = await proven(client, token, { url: 'https://evil.example/orders' })
    const bytes = ['GET /orders HTTP/1.1', 'Host: evil.example', 'Connection: close', ...evil].join('\r\n')
    expect((await responseOfAll(apps, `${bytes}\r\n\r\n`)).status).toBe(401)
  })

  it('may be spelled in any way that means the same (RFC 3986 §6.2.2)', async () => {
    const token = boundTo(client)
    for (const htu of [
      'HTTPS://API.EXAMPLE.COM/orders',
      'https://api.example.com:443/orders',
      'https://api.example.com/%6frders',
      `${ORDERS}?a=b#c`,
    ]) {
      await accepts(apps, await proven(client, token, {}, { htu }))
    }
    await accepts(apps, await proven(client, token, { target: '/orders?page=2' }))
  })

  it('may come from a clock that is ten seconds off', async () => {
    const token = boundTo(client)
    for (const iat of [NOW - 10, NOW + 10]) await accepts(apps, await proven(client, token, {}, { iat }))
  })

  it('has a prefix if a proxy removes one', async () => {
    const mounted = await start({ publicUrl: ['https://api.example.com/v1', 'https://internal.example'] })
    const token = boundTo(client)
    for (const url of ['https://api.example.com/v1/orders', 'https://internal.example/orders']) {
      await accepts(mounted, await proven(client, token, { url }))
    }
    for (const url of [ORDERS, 'https://internal.example/v1/orders']) {
      await refusesProof(mounted, await proven(client, token, { url }), 'proof_target')
    }
  })
})

describe('a proof', () => {
  it('is used once (RFC 9449 §11.1)', async () => {
    const request = await proven(client, boundTo(client))
    await accepts(apps, request)
    await refusesProof(apps, request, 'proof_replayed')
    await refusesProof(apps, request, 'proof_replayed')
  })

  it('is used once by all guards of a request (R7)', async () => {
    const request = await proven(client, boundTo(client), {
      target: '/stacked',
      url: 'https://api.example.com/stacked',
    })
    await accepts(apps, request)
    expect(JSON.parse((await responseOfAll(apps, request)).body)).toMatchObject({ reason: 'proof_replayed' })
  })

  it('is used once by ten requests at the same time', async () => {
    for (const app of apps) {
      const request = await proven(client, boundTo(client))
      const before = app.reached.length
      await Promise.all(Array.from({ length: 10 }, () => responseOfAll([app], request)))
      expect(app.reached.length - before, app.name).toBe(1)
    }
  })

  it('is not consumed by a request for which it was not created', async () => {
    const request = await proven(client, boundTo(client))
    await refusesProof(apps, { ...request, method: 'POST' }, 'proof_method')
    await accepts(apps, request)
  })

  it('may have the jti of another client', async () => {
    const jti = { jti: 'the same' }
    await accepts(apps, await proven(client, boundTo(client), {}, jti))
    await accepts(apps, await proven(other, boundTo(other), {}, jti))
    await refusesProof(apps, await proven(client, boundTo(client), {}, jti), 'proof_replayed')
  })

  it('that cannot be looked up is not the fault of the caller: 503 (RFC 9110 §15.6.4)', async () => {
    const replay: ReplayStore = { firstUse: () => Promise.reject(new Error('down')) }
    const down = await start({ stores: { replay } })
    const response = await responseOfAll(down, await proven(client, boundTo(client)))
    expect(response.status).toBe(503)
    expect(response.all('WWW-Authenticate')).toEqual([])
    expect(response.header('Retry-After')).toBe('1')
    expect(JSON.parse(response.body)).toMatchObject({ reason: 'replay_unavailable' })
    expect(down.flatMap((app) => app.reached)).toEqual([])
    expect((await expectReached(down, { lines: bearer(kit.token()) })).boundBy).toBeNull()
  })

  it('that cannot be stored is refused: 503', async () => {
    const small = await start({ cacheSize: { replay: 1 } })
    await accepts(small, await proven(client, boundTo(client)))
    expect((await responseOfAll(small.slice(0, 1), await proven(client, boundTo(client)))).status).toBe(503)
  })
})

describe('a client that floods the server with good proofs (RFC 9449 §11.1)', () => {
  it('gets 503 when it has used its share of the cache, without affecting other clients', async () => {
    const events: BearwardEvent[] = []
    const small = await start({ cacheSize: { replay: 40 }, onEvent: (event: BearwardEvent) => void events.push(event) })
    const token = boundTo(client)
    const first = await proven(client, token)
    await accepts(small, first)
    const statuses: number[] = []
    while (statuses.length < 40) statuses.push((await responseOfAll(small, await proven(client, token))).status)
    expect(statuses.filter((status) => status === 200).length).toBeLessThan(10)
    const response = await responseOfAll(small, await proven(client, boundTo(client, { jti: 'of another token' })))
    expect({ status: response.status, challenges: response.all('WWW-Authenticate') }).toEqual({
      status: 503,
      challenges: [],
    })
    expect(Number(response.header('Retry-After'))).toBeGreaterThan(1)
    expect(Number(response.header('Retry-After'))).toBeLessThanOrEqual(85)
    expect(JSON.parse(response.body)).toMatchObject({ reason: 'replay_unavailable' })
    expect(new Set(events.flatMap((event) => (event.type === 'store' ? event.code : [])))).toEqual(new Set(['share']))
    await refusesProof(small, first, 'proof_replayed')
    for (let round = 0; round < 3; round++) await accepts(small, await proven(other, boundTo(other)))
    expect((await expectReached(small, { lines: bearer(kit.token()) })).boundBy).toBeNull()
  })
})

describe('nonces (RFC 9449 §9)', () => {
  it('are required, issued with the refusal and with each response, and accepted', async () => {
    const nonce = { secret: 'n'.repeat(32) }
    const demanding = await start({ dpop: { nonce } })
    const token = boundTo(client)
    const refused = { error: 'use_dpop_nonce', reason: 'proof_nonce' } as const
    const response = await expectDpopRefusal(demanding, await proven(client, token), refused)
    const issued = response.header('DPoP-Nonce') ?? ''
    expect(issued).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]+$/)
    const again = await expectDpopRefusal(demanding, await proven(client, token, { nonce: 'old' }), refused)
    expect(again.header('DPoP-Nonce')).toBe(issued)

    const good = await responseOfAll(demanding, await proven(client, token, { nonce: issued }))
    expect(good.status).toBe(200)
    expect(good.header('DPoP-Nonce')).toBe(issued)
    // Also with a response that had to wait for keys.
    const keys = { load: async () => keySetOf(kit.signers.ES256) }
    const waiting = await start({ dpop: { nonce }, issuer: { issuer: ISSUER, keys } })
    const afterWaiting = await responseOfAll(waiting, await proven(client, token, { nonce: issued }))
    expect([afterWaiting.status, afterWaiting.header('DPoP-Nonce')]).toEqual([200, issued])
    // Not with a bearer token, which does not need one.
    expect((await responseOfAll(demanding, { lines: bearer(kit.token()) })).all('DPoP-Nonce')).toEqual([])
  })
})

describe('modes', () => {
  it('off: the scheme is not accepted, and bound tokens are refused', async () => {
    const off = await start({ dpop: 'off' })
    await expectRefusal(off, await proven(client, boundTo(client)), { reason: 'no_credentials', scope: 'read:orders' })
    const refusal = { error: 'invalid_token', reason: 'confirmation', scope: 'read:orders' } as const
    await expectRefusal(off, { lines: bearer(boundTo(client)) }, refusal)
  })

  it('require: bearer tokens are refused, and only DPoP is accepted', async () => {
    const strict = await start({ dpop: 'require' })
    await accepts(strict, await proven(client, boundTo(client)))
    const response = await responseOfAll(strict, { lines: bearer(kit.token()) })
    expect(response.status).toBe(401)
    expect(response.header('WWW-Authenticate')).toMatch(/^DPoP /)
    expect(response.header('WWW-Authenticate')).not.toContain('Bearer')
  })
})

describe('an opaque token that is bound to a key (RFC 9449 §6.2)', () => {
  it('is accepted with a proof only, the first time and from the cache', async () => {
    const endpoint = await createIntrospectionEndpoint()
    const introspection = { endpoint: endpoint.url, client: CLIENT }
    const introspecting = await start({
      clock: () => Date.now() / 1000,
      issuer: { issuer: ISSUER, keys: null, introspection },
    })
    const real = await createDpopClient()
    const token = opaqueToken()
    endpoint.responses.set(token, activeResponse({ cnf: real.confirmation, scope: 'read:orders' }))
    for (let round = 0; round < 2; round++) {
      await accepts(introspecting, await proven(real, token))
      const bound = { error: 'invalid_token', reason: 'confirmation' } as const
      expect((await responseOfAll(introspecting, { lines: bearer(token) })).status).toBe(401)
      await expectDpopRefusal(introspecting, await proven(await createDpopClient(), token), bound)
    }
    expect(endpoint.calls(token)).toBe(introspecting.length)
    await endpoint.stop()
  })
})
