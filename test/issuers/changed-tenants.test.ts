import { createResourceServer, type IssuerOptions, type IssuerResolver } from 'bearward'
import { expect, it, vi } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { createLog, send, until } from '../support/upstream/requests.ts'

// M2: what `resolve()` returned once is not final. A tenant may replace its keys, and an operator may correct its options.

const clock = useMonotonicClock()
const kit = createKit()
const token = () => kit.token({ claims: kit.claims({}) })

const NO_LISTS = { entries: 0, stale: 0, lastError: undefined }

type TenantOptions = Omit<IssuerOptions, 'issuer'>

function serverWith(options: Partial<IssuerResolver> = {}) {
  const log = createLog()
  const allowed = new Set([ISSUER])
  const tenant = {
    options: { keys: keySetOf(kit.signers.ES256) } as TenantOptions | undefined,
    async resolve(): Promise<TenantOptions> {
      if (!tenant.options) throw new Error('no database')
      return structuredClone(tenant.options)
    },
  }
  const resolve = vi.fn(() => tenant.resolve())
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { allow: allowed, resolve, ...options },
    clock: () => NOW,
    onEvent: log.onEvent,
  })
  const outcome = async () => {
    const { status, reason } = await send(server, token())
    return reason ?? status
  }
  return { server, tenant, resolve, allowed, log, outcome }
}

it('changed options apply after maxAge at the latest, 10 minutes by default', async () => {
  const { tenant, outcome, resolve } = serverWith()
  expect(await outcome()).toBe(200)
  tenant.options = { keys: keySetOf(kit.strict) }
  clock.advance(400)
  expect(await outcome()).toBe(200)
  expect(resolve).toHaveBeenCalledTimes(1)
  clock.advance(201)
  expect(await outcome()).toBe('signature')
  expect(resolve).toHaveBeenCalledTimes(2)
})

it('they apply in the background before that, if there are requests', async () => {
  const { tenant, outcome, resolve } = serverWith({ maxAge: 100 })
  expect(await outcome()).toBe(200)
  tenant.options = { keys: keySetOf(kit.strict) }
  clock.advance(81)
  expect(await outcome()).toBe(200)
  await until(() => resolve.mock.results.length === 2)
  await new Promise((done) => setTimeout(done, 5))
  expect(await outcome()).toBe('signature')
})

it('options that have not changed keep the issuer, and what is cached of it', async () => {
  const statusList = { attach: () => ({ isValid: () => true, check: async () => undefined, state: () => NO_LISTS }) }
  const { tenant, outcome, resolve, log } = serverWith({ maxAge: 100 })
  tenant.resolve = async () => ({ keys: keySetOf(kit.signers.ES256), scopeClaims: ['scope', ['a', 'b']], statusList })
  expect(await outcome()).toBe(200)
  clock.advance(101)
  expect(await outcome()).toBe(200)
  expect(resolve).toHaveBeenCalledTimes(2)
  expect(log.of('keys')).toHaveLength(1)
})

it('many requests cause one call', async () => {
  const { outcome, resolve } = serverWith({ maxAge: 100 })
  await outcome()
  clock.advance(101)
  expect(new Set(await Promise.all(Array.from({ length: 50 }, outcome)))).toEqual(new Set([200]))
  expect(resolve).toHaveBeenCalledTimes(2)
})

it('while resolve() fails, the earlier options are used, and it is called again after a pause', async () => {
  const { tenant, outcome, resolve } = serverWith({ maxAge: 100 })
  expect(await outcome()).toBe(200)
  tenant.options = undefined
  clock.advance(101)
  for (let round = 0; round < 5; round++) expect(await outcome()).toBe(200)
  expect(resolve).toHaveBeenCalledTimes(2)
  tenant.options = { keys: keySetOf(kit.strict) }
  expect(await outcome()).toBe(200)
  clock.advance(31)
  await new Promise((done) => setTimeout(done, 1010)) // a failed lookup is not repeated within a second
  expect(await outcome()).toBe('signature')
})

it('while resolve() hangs, requests wait for it only briefly', async () => {
  const { tenant, outcome, resolve } = serverWith({ maxAge: 100 })
  expect(await outcome()).toBe(200)
  tenant.resolve = () => new Promise(() => undefined)
  clock.advance(101)
  expect(await outcome()).toBe(200)
  expect(resolve).toHaveBeenCalledTimes(2)
})

it('wrong options emit an event, and the earlier ones are used', async () => {
  const { tenant, outcome, log } = serverWith({ maxAge: 100 })
  expect(await outcome()).toBe(200)
  tenant.options = { clockTolerance: 600 }
  clock.advance(101)
  expect(await outcome()).toBe(200)
  expect(log.of('configuration')).toMatchObject([{ issuer: ISSUER, option: 'issuer.resolve().clockTolerance' }])
})

it('a tenant that was removed is resolved again when it is back', async () => {
  const { tenant, outcome, allowed, server, resolve } = serverWith()
  expect(await outcome()).toBe(200)
  allowed.delete(ISSUER)
  expect(await outcome()).toBe('issuer')
  expect(server.state().issuers).toEqual([])
  tenant.options = { keys: keySetOf(kit.strict) }
  allowed.add(ISSUER)
  expect(await outcome()).toBe('signature')
  expect(resolve).toHaveBeenCalledTimes(2)
})

it('maxAge is at least a second', () => {
  for (const maxAge of [0, Number.NaN, '60' as never])
    expect(() => serverWith({ maxAge })).toThrow(expect.objectContaining({ option: 'issuer.maxAge' }))
})
