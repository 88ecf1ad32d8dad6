import { type ClientAuthentication, createResourceServer, type ResourceServerOptions } from 'bearward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  activeResponse,
  CLIENT,
  createIntrospectionEndpoint,
  type IntrospectionEndpoint,
  opaqueToken,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { createLog, send } from '../support/upstream/requests.ts'

// I15: only processes that know the secret can write a record.

const ISSUER = 'https://auth.example.com'
const [FIRST, SECOND] = ['first '.padEnd(32, '1'), 'second'.padEnd(32, '2')]

let endpoint: IntrospectionEndpoint
let records: Map<string, string>
beforeEach(async () => {
  endpoint = await createIntrospectionEndpoint()
  endpoint.accepts = () => true
  records = new Map()
})
afterEach(() => endpoint.stop())

type Secret = NonNullable<ResourceServerOptions['stores']>['secret']

function server(secret?: Secret, client: ClientAuthentication = CLIENT, log = createLog()) {
  return createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: null, introspection: { endpoint: endpoint.url, client } },
    stores: { introspection: records, ...(secret !== undefined && { secret }) },
    onEvent: log.onEvent,
  })
}

async function share(secret?: Secret, client?: ClientAuthentication): Promise<string> {
  const token = opaqueToken()
  endpoint.responses.set(token, activeResponse())
  expect((await send(server(secret, client), token)).status).toBe(200)
  await vi.waitUntil(() => records.size > 0)
  return token
}

/** Whether another process uses the record, instead of introspecting again. */
async function isUsed(token: string, secret?: Secret, client?: ClientAuthentication): Promise<boolean> {
  endpoint.responses.set(token, { active: false })
  return (await send(server(secret, client), token)).status === 200
}

describe('records in a shared store are authenticated', () => {
  it.each<[string, Secret]>([
    ['the client secret', undefined],
    ['a text', FIRST],
    ['bytes', new TextEncoder().encode(FIRST)],
    ['a list', [FIRST, SECOND]],
  ])('processes with the same secret share them: %s', async (_name, secret) => {
    expect(await isUsed(await share(secret), secret)).toBe(true)
  })

  it.each<[string, Secret, Secret]>([
    ['another secret', FIRST, SECOND],
    ['the client secret instead', FIRST, undefined],
    ['a list without it', FIRST, [SECOND]],
  ])('with %s they are a miss', async (_name, one, other) => {
    expect(await isUsed(await share(one), other)).toBe(false)
  })

  it('another client secret of the same client is another secret', async () => {
    const other = { ...CLIENT, clientSecret: 'the next secret of the orders api, as long' }
    expect(await isUsed(await share(undefined, CLIENT), undefined, other)).toBe(false)
  })

  it('rotation: the first secret authenticates, all are accepted', async () => {
    const before = await share(FIRST)
    expect(await isUsed(before, [SECOND, FIRST])).toBe(true)
    records.clear()
    const after = await share([SECOND, FIRST])
    expect(await isUsed(after, SECOND)).toBe(true)
    records.clear()
    expect(await isUsed(await share([SECOND, FIRST]), FIRST)).toBe(false)
  })

  it('one damaged character makes a record a miss, wherever it is, and an event says so', async () => {
    const token = await share(FIRST)
    const [[key, record] = ['', '']] = records
    endpoint.responses.set(token, { active: false })
    for (let at = 0; at < record.length; at += 7) {
      const damaged = record[at] === 'A' ? 'B' : 'A'
      records.set(key, record.slice(0, at) + damaged + record.slice(at + 1))
      const log = createLog()
      expect(await send(server(FIRST, CLIENT, log), token), `character ${at}`).toMatchObject({ status: 401 })
      expect(log.of('store')).toMatchObject([{ operation: 'get', code: 'corrupt' }])
      records.set(key, record)
    }
  })

  it('a record that someone else wrote is a miss: without a secret, with theirs, or under another key', async () => {
    const good = await share(FIRST)
    const [[key = '', record = ''] = []] = records
    const text = record.slice(43)
    const admin = JSON.stringify({ ...JSON.parse(text), claims: { ...JSON.parse(text).claims, scope: 'admin' } })
    endpoint.responses.set(good, { active: false })
    for (const forged of [
      admin,
      `.${admin}`,
      `${record.split('.', 1)[0]}.${admin}`,
      `${'A'.repeat(43)}.${admin}`,
      text,
    ]) {
      records.set(key, forged)
      expect(await send(server(FIRST), good)).toMatchObject({ status: 401 })
    }
    const stolen = opaqueToken()
    endpoint.responses.set(stolen, activeResponse())
    records.clear()
    await send(server(FIRST), stolen)
    await vi.waitUntil(() => records.size > 0)
    const [other = ''] = records.keys()
    records.set(other, record)
    endpoint.responses.set(stolen, { active: false })
    expect(await send(server(FIRST), stolen)).toMatchObject({ status: 401 })
  })
})

describe('a secret is required where records could not be authenticated', () => {
  const short: ClientAuthentication = { ...CLIENT, clientSecret: 'too short' }
  const bearer: ClientAuthentication = { method: 'bearer', token: 'a.b.c' }

  it.each([
    ['a short client secret', short],
    ['a client without a secret', bearer],
  ])('%s: construction fails, and the message shows how to create one', (_name, client) => {
    expect(() => server(undefined, client)).toThrow(/stores\.secret is missing.*randomBytes\(32\)/)
    expect(() => server(FIRST, client)).not.toThrow()
  })

  it.each<[string, unknown]>([
    ['a short text', 'short'],
    ['short bytes', new Uint8Array(31)],
    ['an empty list', []],
    ['a list with a short one', [FIRST, 'short']],
    ['a number', 1],
  ])('%s is refused', (_name, secret) => {
    expect(() => server(secret as Secret)).toThrow('stores.secret')
  })

  it('functions need a name, and the functions of resolved issuers as well (503, with the reason as cause)', async () => {
    const check = async () => ({ active: false }) as const
    const stores = { introspection: records, secret: FIRST }
    const fixed = { resource: RESOURCE, issuer: { issuer: ISSUER, introspect: check }, stores }
    expect(() => createResourceServer(fixed)).toThrow('introspect.name')
    const causes = async (options: object, more = stores as object) => {
      const resolving = createResourceServer({
        resource: RESOURCE,
        issuer: { allow: [ISSUER], resolve: () => options },
        stores: more,
      })
      const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
      const token = `${encode({ alg: 'ES256' })}.${encode({ iss: ISSUER })}.AAAA`
      const error = await resolving.verify(token).catch((thrown: { cause?: { message?: string } }) => thrown)
      return String((error as { cause?: { message?: string } }).cause?.message)
    }
    expect(await causes({ introspect: check })).toContain('introspect.name')
    expect(await causes({ introspect: { name: 'a', check } })).not.toContain('introspect.name')
    expect(await causes({ introspect: { name: 'a', check } }, { introspection: records })).toContain('stores.secret')
  })
})
