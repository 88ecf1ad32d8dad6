import { DataPointType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import type { ResourceServer } from 'bearward'
import { instrument } from 'bearward/opentelemetry'
import { collect } from 'bearward/prometheus'
import { Registry } from 'prom-client'

/** One time series, under its name in Prometheus. Of a histogram, its count. */
export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, unknown>>
  readonly value: number
}

export interface MeasureOptions {
  readonly labels?: { readonly resource?: boolean }
  readonly buckets?: readonly number[]
}

/** Where metrics go: a registry of prom-client, or a meter of the OpenTelemetry SDK. */
export interface Destination {
  readonly name: string
  measure(server: ResourceServer | { readonly server: ResourceServer }, options?: MeasureOptions): { stop(): void }
  series(): Promise<readonly Series[]>
  /** Everything that is exported, as text. */
  text(): Promise<string>
}

export const DESTINATIONS: readonly (() => Destination)[] = [toPrometheus, toOpenTelemetry]

function toPrometheus(): Destination {
  const registry = new Registry()
  return {
    name: 'prom-client',
    measure: (server, options) => collect(server, { registry, ...options }),
    async series() {
      const all = await registry.getMetricsAsJSON()
      return all.flatMap(({ name, type, values }) =>
        values.flatMap(({ labels, value, metricName }: Value) =>
          String(type) !== 'histogram' || metricName === `${name}_count`
            ? [{ name: metricName ?? name, labels, value }]
            : [],
        ),
      )
    },
    text: () => registry.metrics(),
  }
}

interface Value {
  readonly labels: Readonly<Record<string, unknown>>
  readonly value: number
  readonly metricName?: string
}

class Reader extends MetricReader {
  protected override onForceFlush = async (): Promise<void> => undefined
  protected override onShutdown = async (): Promise<void> => undefined
}

function toOpenTelemetry(): Destination {
  const reader = new Reader()
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test')
  const metrics = async () => {
    const { resourceMetrics, errors } = await reader.collect()
    if (errors.length > 0) throw errors[0]
    return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
  }
  return {
    name: 'OpenTelemetry',
    measure: (server, options) => instrument(server, { meter, ...options }),
    async series() {
      return (await metrics()).flatMap(({ descriptor, dataPointType, dataPoints }) => {
        const base = descriptor.name.replaceAll('.', '_') + (descriptor.unit === 's' ? '_seconds' : '')
        const isHistogram = dataPointType === DataPointType.HISTOGRAM
        const suffix = isHistogram ? '_count' : dataPointType === DataPointType.SUM ? '_total' : ''
        return dataPoints.map(({ attributes, value }) => ({
          name: base + suffix,
          labels: Object.fromEntries(Object.entries(attributes).map(([key, label]) => [key.replace('.', '_'), label])),
          value: typeof value === 'number' ? value : value.count,
        }))
      })
    },
    text: async () => JSON.stringify(await metrics()),
  }
}
