import { once } from 'node:events'
import { create } from '@bufbuild/protobuf'
import { EmptySchema } from '@bufbuild/protobuf/wkt'
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Orders } from '../../examples/hosts/grpc-service.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { type Program, startProgram } from './program.ts'

// examples/hosts/grpc.ts as users run it, with the client of the same package.

let issuer: TestIssuer
let program: Program
let client: Client
const tokenFor = (scope: string, more = {}) => issuer.sign({ sub: 'alice', scope, ...more })

beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  program = await startProgram('hosts/grpc', { ISSUER: issuer.url, RESOURCE })
  client = new Client(new URL(program.url).host, credentials.createInsecure())
})
afterAll(async () => {
  client.close()
  await program.stop()
  await issuer.stop()
})

interface Outcome {
  readonly code: status
  readonly details?: string
  readonly value?: unknown
  readonly challenge?: unknown
  readonly retryAfter?: unknown
}

const metadataOf = (...authorization: readonly string[]) => {
  const metadata = new Metadata()
  for (const value of authorization) metadata.add('authorization', value)
  return metadata
}

const outcomeOf = ({ code, details, metadata }: ServiceError): Outcome => ({
  code,
  details,
  challenge: metadata.get('www-authenticate')[0],
  retryAfter: metadata.get('retry-after')[0],
})

const call = (method: typeof Orders.list, metadata: Metadata, on = client) =>
  new Promise<Outcome>((resolve) => {
    const { path, requestSerialize, responseDeserialize } = method
    on.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      create(EmptySchema),
      metadata,
      { deadline: Date.now() + 20_000 },
      (error, value) => resolve(error ? outcomeOf(error) : { code: status.OK, value }),
    )
  })

function stream(metadata: Metadata, deadline = 20_000) {
  const { path, requestSerialize, responseDeserialize } = Orders.watch
  return client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, create(EmptySchema), metadata, {
    deadline: Date.now() + deadline,
  })
}

it('a unary call needs the scope of its method; the challenge is in the metadata', async () => {
  const [reader, watcher, expired] = await Promise.all([
    tokenFor('read:orders'),
    tokenFor('watch:orders'),
    tokenFor('read:orders', { exp: 1 }),
  ])
  expect(await call(Orders.list, metadataOf(`Bearer ${reader}`))).toMatchObject({
    code: status.OK,
    value: { orders: [], for: 'alice' },
  })
  expect(await call(Orders.list, metadataOf())).toMatchObject({
    code: status.UNAUTHENTICATED,
    challenge: `Bearer realm="${RESOURCE}", scope="read:orders"`,
  })
  expect(await call(Orders.list, metadataOf(`Bearer ${expired}`))).toMatchObject({
    code: status.UNAUTHENTICATED,
    details: 'The access token has expired',
    challenge: expect.stringContaining('error="invalid_token"'),
  })
  expect(await call(Orders.list, metadataOf(`Bearer ${watcher}`))).toMatchObject({
    code: status.PERMISSION_DENIED,
    challenge: expect.stringContaining('error="insufficient_scope"'),
  })
  // Not in the table, and not a method at all.
  expect((await call(Orders.drop, metadataOf(`Bearer ${reader}`))).code).toBe(status.PERMISSION_DENIED)
  const other = { ...Orders.list, path: '/orders.v1.Orders/Other' }
  expect((await call(other, metadataOf(`Bearer ${reader}`))).code).toBe(status.UNIMPLEMENTED)
})

it('an outage of the issuer is UNAVAILABLE, with Retry-After and no challenge (RFC 9110 §15.6.4)', async () => {
  const gone = await createTestIssuer({ alg: 'ES256' })
  const token = await gone.sign({ sub: 'alice', scope: 'read:orders' })
  const other = await startProgram('hosts/grpc', { ISSUER: gone.url, RESOURCE })
  const toOther = new Client(new URL(other.url).host, credentials.createInsecure())
  await gone.stop()
  expect(await call(Orders.list, metadataOf(`Bearer ${token}`), toOther)).toMatchObject({
    code: status.UNAVAILABLE,
    challenge: undefined,
    retryAfter: expect.stringMatching(/^\d+$/),
  })
  toOther.close()
  await other.stop()
})

it('a stream ends with its deadline, its client or its token, and needs its own scope', async () => {
  const watcher = await tokenFor('watch:orders')
  const failure = async (on: ReturnType<typeof stream>) => ((await once(on, 'error')) as [ServiceError])[0].code
  expect(await failure(stream(metadataOf()).resume())).toBe(status.UNAUTHENTICATED)
  const reader = await tokenFor('read:orders')
  expect(await failure(stream(metadataOf(`Bearer ${reader}`)).resume())).toBe(status.PERMISSION_DENIED)

  const cancelled = stream(metadataOf(`Bearer ${watcher}`))
  expect(await once(cancelled, 'data')).toEqual([{ order: 0 }])
  const ended = failure(cancelled)
  cancelled.cancel()
  expect(await ended).toBe(status.CANCELLED)

  const late = stream(metadataOf(`Bearer ${watcher}`), 1500)
  const seen: unknown[] = []
  late.on('data', (value) => seen.push(value))
  expect(await failure(late)).toBe(status.DEADLINE_EXCEEDED)
  expect(seen[0]).toEqual({ order: 0 })

  const now = Math.floor(Date.now() / 1000)
  // Expired already, and accepted for a few seconds because of the clock tolerance of 30.
  const ending = await tokenFor('watch:orders', { iat: now - 60, exp: now - 27 })
  const short = stream(metadataOf(`Bearer ${ending}`)).resume()
  const [error] = (await once(short, 'error')) as [ServiceError]
  expect([error.code, error.details]).toEqual([status.UNAUTHENTICATED, 'the token is expired'])
})

it('two values of authorization are refused (RFC 6750 §2)', async () => {
  const good = `Bearer ${await tokenFor('read:orders')}`
  for (const joined of [`${good}, ${good}`, `${good},Basic dTpw`]) {
    expect(await call(Orders.list, metadataOf(joined))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      challenge: expect.stringContaining('error="invalid_request"'),
    })
  }
  // Two lines do not even leave a client on Node.js.
  expect((await call(Orders.list, metadataOf(good, good))).code).toBe(status.INTERNAL)
})
