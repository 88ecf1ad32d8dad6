import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { createResourceServer, type ResourceServer, scope } from 'bearward'
import { instrument } from 'bearward/opentelemetry'
import { collect } from 'bearward/prometheus'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'

// N5: traces, with the real SDK.

let issuer: TestIssuer
let server: ResourceServer
let exporter: InMemorySpanExporter
let provider: BasicTracerProvider
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
  exporter = new InMemorySpanExporter()
  provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})
afterEach(async () => {
  context.disable()
  trace.disable()
  propagation.disable()
  server.close()
  await issuer.stop()
})

/** Runs a request as the instrumentation of a framework does: with an active span for it. */
async function incoming(name: string, run: () => Promise<unknown>): Promise<ReadableSpan> {
  const span = provider.getTracer('http').startSpan(name)
  await context.with(trace.setSpan(context.active(), span), run)
  span.end()
  return exporter.getFinishedSpans().find((finished) => finished.name === name) as ReadableSpan
}

const spanOf = (name: string) => exporter.getFinishedSpans().find((span) => span.name === name)
const tracer = () => provider.getTracer('bearward')

describe('a span for each upstream request', () => {
  it('is a child of the request that caused it', async () => {
    instrument(server, { tracer: tracer() })
    const token = await issuer.sign()
    const parent = await incoming('GET /orders', () => send(server, token))
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual([
      'bearward.discovery',
      'bearward.keys',
      'GET /orders',
    ])
    for (const name of ['bearward.discovery', 'bearward.keys']) {
      const span = spanOf(name)
      expect(span?.parentSpanContext?.spanId).toBe(parent.spanContext().spanId)
      expect(span?.spanContext().traceId).toBe(parent.spanContext().traceId)
      expect(span?.attributes).toEqual({ 'bearward.issuer': issuer.url, 'http.response.status_code': 200 })
      expect(span?.status.code).toBe(SpanStatusCode.UNSET)
      expect(span?.duration[0]).toBe(0)
    }
    await incoming('GET /again', () => send(server, token))
    expect(exporter.getFinishedSpans()).toHaveLength(4)
  })

  it('is one span, however often the server is passed, until all have stopped', async () => {
    const [first, second] = [instrument(server, { tracer: tracer() }), instrument({ server }, { tracer: tracer() })]
    first.stop()
    const token = await issuer.sign()
    await incoming('GET /orders', () => send(server, token))
    expect(exporter.getFinishedSpans()).toHaveLength(3)
    second.stop()
    const refused = await incoming('GET /again', () => send(server, 'a.b.c'))
    expect(refused.events).toEqual([])
  })

  it('is an error with its type, if the request failed', async () => {
    issuer.onKeys = (_request, response) => response.writeHead(502).end()
    instrument(server, { tracer: tracer() })
    await incoming('GET /orders', async () => send(server, await issuer.sign()))
    expect(spanOf('bearward.keys')).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'status', 'http.response.status_code': 502 },
    })
  })
})

describe('an event on the active span for each refusal', () => {
  it('with the reason, and nothing of the token', async () => {
    instrument(server, { tracer: tracer() })
    const token = await issuer.sign({ sub: 'CANARY', scope: 'CANARY' })
    const allowed = await incoming('allowed', () => send(server, token))
    const refused = await incoming('refused', () => send(server, token, scope('read:orders')))
    const bad = await incoming('bad', async () => send(server, await issuer.sign({ sub: 'CANARY', exp: 1 })))
    expect(allowed.events).toEqual([])
    expect(refused.events.map(({ name, attributes }) => [name, attributes])).toEqual([
      [
        'bearward.refused',
        {
          'bearward.outcome': 'refused',
          'bearward.reason': 'scope',
          'bearward.claim': 'scope',
          'bearward.issuer': issuer.url,
          'error.type': 'ERR_INSUFFICIENT_SCOPE',
          'http.response.status_code': 403,
        },
      ],
    ])
    expect(bad.events[0]?.attributes).toMatchObject({ 'bearward.reason': 'expired', 'bearward.claim': 'exp' })
    const all = exporter
      .getFinishedSpans()
      .map(({ name, attributes, events, status }) => [name, attributes, events, status])
    expect(JSON.stringify(all)).not.toContain('CANARY')
    expect(JSON.stringify(all)).not.toContain(token.slice(-20))
  })

  it('nothing, once stopped', async () => {
    instrument(server, { tracer: tracer() }).stop()
    const { events } = await incoming('bad', () => send(server, 'x'))
    expect(events).toEqual([])
    expect(exporter.getFinishedSpans()).toHaveLength(1)
  })
})

describe('without an SDK', () => {
  it('nothing listens, so that nothing is measured', () => {
    const subscribe = vi.spyOn(server, 'subscribe')
    instrument(server).stop()
    expect(subscribe).not.toHaveBeenCalled()
  })

  it('each of the two listens only if its own SDK is there', () => {
    const subscribe = vi.spyOn(server, 'subscribe')
    trace.setGlobalTracerProvider(provider)
    instrument(server)
    expect(subscribe.mock.calls.map(([, types]) => types)).toEqual([['fetch', 'decision']])
    trace.disable()
    subscribe.mockClear()
    instrument(server, { meter: new MeterProvider().getMeter('x') })
    expect(subscribe.mock.calls.map(([, types]) => types)).toEqual([['decision', 'fetch', 'store']])
  })
})

describe('what is broken behind it changes no request', () => {
  const failing = new Error('CANARY')
  const throwing: SpanProcessor = {
    onStart() {
      throw failing
    },
    onEnd() {
      throw failing
    },
    forceFlush: () => Promise.reject(failing),
    shutdown: () => Promise.reject(failing),
  }

  it('a span processor that throws, an exporter that never ends, a registry whose metrics throw', async () => {
    const hanging = new PeriodicExportingMetricReader({
      exporter: {
        export: () => undefined,
        forceFlush: () => new Promise(() => undefined),
        shutdown: () => new Promise(() => undefined),
        selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE,
      },
      exportIntervalMillis: 20,
      exportTimeoutMillis: 10,
    })
    const meter = new MeterProvider({ readers: [hanging] }).getMeter('x')
    instrument(server, { meter, tracer: new BasicTracerProvider({ spanProcessors: [throwing] }).getTracer('x') })
    const registry = new Registry()
    collect(server, { registry })
    for (const name of ['bearward_decisions_total', 'bearward_upstream_duration_seconds'] as const) {
      const metric = registry.getSingleMetric(name)
      for (const method of ['inc', 'observe']) {
        Object.assign(metric ?? {}, {
          [method]: () => {
            throw failing
          },
        })
      }
    }
    expect(await send(server, await issuer.sign())).toMatchObject({ status: 200 })
    expect(await send(server, await issuer.sign({ exp: 1 }))).toMatchObject({ status: 401 })
    expect(await send(server, await issuer.sign(), scope('admin'))).toMatchObject({ status: 403 })
  })
})
