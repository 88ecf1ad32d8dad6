import type { BearwardEvent } from 'bearward'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createSigner, keySetOf } from '../corpus/keys.ts'
import { createKit, NOW } from '../corpus/kit.ts'
import type { App } from '../support/apps/app.ts'
import { ADAPTERS, closeAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal, responseOfAll } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { until } from '../support/upstream/requests.ts'
import { createUpstreamServer, notFound, type UpstreamServer } from '../support/upstream/server.ts'
import { ORDERS } from './orders-api.ts'

// What callers see of how key sets are fetched, on every adapter: K11 and K13.

const kit = createKit()
const old = kit.signers.ES256
const next = createSigner('ES256', 'next')
const refused = { error: 'invalid_token', scope: 'read:orders' } as const
const tokenOf = (iss: string, signer = old) => bearer(kit.token({ claims: kit.claims({ iss }), signer }))

const SET = JSON.stringify(keySetOf(old))

/** Sets that are used, and bodies that are none, by their `Content-Type`. */
const SETS: readonly (string | undefined)[] = ['text/plain', 'application/octet-stream', 'text/html', '', undefined]
const OTHERS: readonly (readonly [body: string, type: string | undefined, named: string])[] = [
  ['<!doctype html>', 'text/html; charset=utf-8', 'text/html'],
  ['{}', 'Text/Plain', 'text/plain'],
  ['[]', undefined, 'invalid'],
]
const issuerOfSet = (index: number) => `urn:set:${index}`
const issuerOfOther = (index: number) => `urn:other:${index}`
/** Its metadata has the same media type as its set. */
const discovered = (index: number) => `${origin.url}/discovered/${index}`
/** Behind a cache. */
const ROTATING = 'urn:rotating'

let origin: UpstreamServer
/** What the cache stores, and the `Cache-Control` of the requests, by path: each adapter has its own. */
const stored = new Map<string, string>()
const controls: (string | undefined)[][] = ADAPTERS.map(() => [])
let published = SET
const events: BearwardEvent[][] = ADAPTERS.map(() => [])
let apps: readonly App[] = []

beforeAll(async () => {
  origin = await createUpstreamServer((request, response) => {
    const path = request.url ?? ''
    const [, kind, number] = path.split('/')
    const index = Number(number)
    const send = (body: string, type: string | undefined, more = {}) =>
      response.writeHead(200, { ...(type !== undefined && { 'content-type': type }), ...more }).end(body)
    if (kind === 'set') return send(SET, SETS[index])
    if (kind === 'discovered')
      return send(JSON.stringify({ issuer: discovered(index), jwks_uri: `${origin.url}/set/${index}` }), SETS[index])
    if (kind === 'other') return send(OTHERS[index]?.[0] ?? '', OTHERS[index]?.[1])
    if (kind !== 'cached') return notFound(request, response)
    // A shared cache with ten minutes of freshness that keeps to RFC 9111.
    const control = request.headers['cache-control']
    controls[index]?.push(control)
    const body = control === 'no-cache' ? published : (stored.get(path) ?? published)
    stored.set(path, body)
    send(body, 'application/json', { 'cache-control': 'max-age=600' })
  })
  apps = await Promise.all(
    ADAPTERS.map((start, index) =>
      start({
        options: {
          resource: RESOURCE,
          clock: () => NOW,
          onEvent: (event) => void events[index]?.push(event),
          issuer: [
            ...SETS.map((_, set) => ({ issuer: issuerOfSet(set), keys: `${origin.url}/set/${set}`, deadline: 20 })),
            ...SETS.map((_, set) => ({ issuer: discovered(set), deadline: 20 })),
            ...OTHERS.map((_, other) => ({ issuer: issuerOfOther(other), keys: `${origin.url}/other/${other}` })),
            { issuer: ROTATING, keys: `${origin.url}/cached/${index}`, deadline: 20 },
          ],
        },
        routes: ORDERS,
      }),
    ),
  )
})
afterAll(async () => {
  await closeAll(apps)
  await origin.stop()
})

describe('the media type of a key set (K13)', () => {
  it.each(SETS.map((type, index) => [type, issuerOfSet(index)] as const))(
    'is ignored, as here for %o',
    async (_, iss) => {
      expect(await expectReached(apps, { lines: tokenOf(iss) })).toMatchObject({ issuer: iss })
      await expectRefusal(apps, { lines: tokenOf(iss, kit.attacker) }, { ...refused, reason: 'unknown_key' })
    },
  )

  it.each(SETS.map((type, index) => [type, index] as const))(
    'is ignored of the metadata that names it as well, as here for %o',
    async (_, index) => {
      const iss = discovered(index)
      expect(await expectReached(apps, { lines: tokenOf(iss) })).toMatchObject({ issuer: iss })
      await expectRefusal(apps, { lines: tokenOf(iss, kit.attacker) }, { ...refused, reason: 'unknown_key' })
    },
  )

  it.each(OTHERS.map((other, index) => [...other, issuerOfOther(index)] as const))(
    '%s as %o is no key set: 503 without a challenge, and only the event names the media type',
    async (_body, _type, mediaType, iss) => {
      const { status, all, header, body } = await responseOfAll(apps, { lines: tokenOf(iss) })
      expect([status, all('WWW-Authenticate'), header('Cache-Control')]).toEqual([503, [], 'no-store'])
      expect(header('Retry-After')).toMatch(/^[1-9]\d*$/)
      expect(JSON.parse(body)).toEqual({
        error_description: 'The keys of the authorization server cannot be loaded',
        reason: 'keys_unavailable',
      })
      const fetches = events.map((list) => list.filter((event) => event.type === 'fetch' && event.issuer === iss))
      const event = expect.objectContaining({ outcome: 'failed', code: 'content_type', mediaType })
      expect(fetches).toEqual(ADAPTERS.map(() => [event]))
    },
  )
})

it('a key that is behind a cache on the way is found once the cooldown is over (K11, RFC 9111 §5.2.1.4)', async () => {
  let now = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  const [before, after] = [{ lines: tokenOf(ROTATING) }, { lines: tokenOf(ROTATING, next) }]
  await expectReached(apps, before)
  published = JSON.stringify(keySetOf(next))
  now += 31_000
  await expectReached(apps, after)
  await expectRefusal(apps, before, { ...refused, reason: 'unknown_key' })
  // The refresh in the background need not reach the issuer.
  now += 590_000
  await expectReached(apps, after)
  await until(() => controls.every((list) => list.length > 2), 'the refresh')
  expect(controls).toEqual(ADAPTERS.map(() => [undefined, 'no-cache', undefined]))
})
