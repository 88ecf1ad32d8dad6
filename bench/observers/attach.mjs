import { createRequire } from 'node:module'
import { importBearward } from '../lib/bearward.mjs'

/**
 * What watches a server. Peers of bearward come from the folder above, where its subpaths load them.
 *
 * @type {Readonly<Record<string, (server: any) => Promise<unknown>>>}
 */
export const observers = {
  'no listener': async () => undefined,
  'a listener that counts': async (server) => {
    const counts = new Map()
    server.subscribe((/** @type {{ type: string }} */ { type }) => counts.set(type, (counts.get(type) ?? 0) + 1))
  },
  Prometheus: async (server) => (await importBearward('./prometheus')).collect(server),
  'OpenTelemetry metrics': async (server) => {
    const { MeterProvider, PeriodicExportingMetricReader, InMemoryMetricExporter, AggregationTemporality } =
      fromAbove('@opentelemetry/sdk-metrics')
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
    const reader = new PeriodicExportingMetricReader({ exporter })
    const meter = new MeterProvider({ readers: [reader] }).getMeter('bench')
    ;(await importBearward('./opentelemetry')).instrument(server, { meter })
  },
  'OpenTelemetry traces': async (server) => {
    const { BasicTracerProvider, BatchSpanProcessor, InMemorySpanExporter } = fromAbove('@opentelemetry/sdk-trace-base')
    const spanProcessors = [new BatchSpanProcessor(new InMemorySpanExporter())]
    const tracer = new BasicTracerProvider({ spanProcessors }).getTracer('bench')
    ;(await importBearward('./opentelemetry')).instrument(server, { tracer })
  },
}

const fromAbove = createRequire(new URL('../../package.json', import.meta.url))
