import { channel } from 'node:diagnostics_channel'
import type { EventEmitter } from 'node:events'
import { type IncomingMessage, Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { instrument } from 'bearward/opentelemetry'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { EVENT_TYPES } from '../../src/events/emitter.ts'
import { DESTINATIONS } from '../metrics/destinations.ts'
import type { App } from '../support/apps/app.ts'
import { expectClean } from '../support/canary/canary.ts'

/** Everything that leaves the APIs of a test beside their responses. */
export interface Output {
  /** What events, channels, the console and the error paths of frameworks got. */
  readonly left: Set<unknown>
  /** Adds the metrics and the traces of these APIs. */
  observe(apps: readonly App[]): void
  /** The number of refusals on the spans of incoming requests, for each API. */
  refusals(): readonly number[]
  /** The number of decisions, in Prometheus and in OpenTelemetry. */
  decisions(): Promise<readonly number[]>
  /** Fails if any of it contains a canary. */
  expectClean(): Promise<void>
}

export function useOutput(): Output {
  const left = new Set<unknown>()
  const listen = (message: unknown) => void left.add(message)
  const channels = EVENT_TYPES.map((type) => channel(`bearward:${type}`))
  const spans: ReadableSpan[] = []
  const collector: SpanProcessor = {
    onStart: (span) => void spans.push(span),
    onEnd: () => undefined,
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  }
  const tracer = new BasicTracerProvider({ spanProcessors: [collector] }).getTracer('test')
  let destinations = DESTINATIONS.map((create) => create())
  let observed: readonly App[] = []

  beforeAll(() => {
    for (const one of channels) one.subscribe(listen)
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    traceRequests()
  })
  beforeEach(() => {
    destinations = DESTINATIONS.map((create) => create())
    for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
      vi.spyOn(console, method).mockImplementation((...values) => void left.add(values))
    }
    vi.spyOn(process, 'emitWarning').mockImplementation((...values) => void left.add(values))
  })
  afterEach(() => {
    left.clear()
    spans.length = 0
  })
  afterAll(() => {
    for (const one of channels) one.unsubscribe(listen)
    context.disable()
    Reflect.deleteProperty(Server.prototype, 'emit')
  })

  /** As the instrumentation of `node:http` does: an active span for each request that a server receives. */
  function traceRequests(): void {
    const emit: EventEmitter['emit'] = Server.prototype.emit
    Server.prototype.emit = function (this: Server, name: string, ...args: unknown[]) {
      if (name !== 'request') return emit.call(this, name, ...args)
      const { port } = this.address() as AddressInfo
      const span = tracer.startSpan('request', { attributes: { port } })
      const [, response] = args as [IncomingMessage, ServerResponse]
      response.once('close', () => span.end())
      return context.with(trace.setSpan(context.active(), span), () => emit.call(this, name, ...args))
    }
  }

  return {
    left,
    observe(apps) {
      observed = apps
      for (const { server } of apps) {
        for (const destination of destinations) destination.measure(server)
        instrument(server, { tracer })
      }
    },
    refusals: () =>
      observed.map(
        ({ port }) =>
          spans
            .filter(({ attributes }) => attributes.port === port)
            .flatMap(({ events }) => events.filter(({ name }) => name === 'bearward.refused')).length,
      ),
    decisions: () =>
      Promise.all(
        destinations.map(async (destination) =>
          (await destination.series())
            .filter(({ name }) => name === 'bearward_decisions_total')
            .reduce((sum, { value }) => sum + value, 0),
        ),
      ),
    async expectClean() {
      for (const one of left) expectClean(one)
      for (const destination of destinations) expectClean(await destination.text())
      expect(spans.length).toBeGreaterThan(0)
      expectClean(spans.map(({ name, attributes, events, status, links }) => [name, attributes, events, status, links]))
    },
  }
}
