import { type BearwardEvent, ConfigurationError, createResourceServer, type ResourceServer } from 'bearward'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { createLog, requestWith, send } from '../support/upstream/requests.ts'

// `server.subscribe()`: listeners besides `onEvent`, added at any time (N5).

let issuer: TestIssuer
let server: ResourceServer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
})
afterEach(() => issuer.stop())

it('a listener gets the events that follow, with the request, until it is stopped', async () => {
  await server.ready()
  const heard: [BearwardEvent['type'], object | undefined][] = []
  const listener = (event: BearwardEvent, request: object | undefined) => void heard.push([event.type, request])
  const subscription = server.subscribe(listener)
  const request = requestWith(await issuer.sign())
  await server.authenticate(request)
  expect(heard).toEqual([['decision', request.native]])
  expect(heard[0]?.[1]).toBe(request.native)
  subscription.stop()
  await server.authenticate(requestWith(await issuer.sign()))
  expect(heard).toHaveLength(1)
})

it('only events of the types it asks for', async () => {
  const { events, onEvent } = createLog()
  server.subscribe(onEvent, ['fetch', 'fetch'])
  await send(server, await issuer.sign())
  expect(events.map(({ type }) => type)).toEqual(['fetch', 'fetch'])
})

it('the same listener twice is two, and each is stopped by itself', async () => {
  const { events, onEvent } = createLog()
  const first = server.subscribe(onEvent, ['decision'])
  server.subscribe(onEvent, ['decision'])
  await send(server, 'x')
  first.stop()
  await send(server, 'x')
  expect(events).toHaveLength(3)
})

it('one that stops another, or throws, changes nothing for the others', async () => {
  const { events, onEvent } = createLog()
  const stopping = server.subscribe(() => {
    stopping.stop()
    throw new Error('own')
  }, ['decision'])
  server.subscribe(onEvent, ['decision'])
  expect(await send(server, await issuer.sign())).toMatchObject({ status: 200 })
  await send(server, 'x')
  expect(events).toHaveLength(2)
})

it('refuses what is not a function, and types that do not exist', () => {
  expect(() => server.subscribe({} as never)).toThrow(ConfigurationError)
  expect(() => server.subscribe(() => undefined, ['desision' as 'decision'])).toThrow(/subscribe\.types.*"decision"/)
})
