import { metrics, trace } from '@opentelemetry/api'
import { createResourceServer } from 'bearward'
import { instrument } from 'bearward/opentelemetry'

const server = createResourceServer({ resource: 'https://api.example.com', issuer: 'https://auth.example.com' })

export const measured: { stop(): void } = instrument(server)
instrument({ server }, { meter: metrics.getMeter('orders'), tracer: trace.getTracer('orders') })
instrument(server, { labels: { resource: true }, buckets: [0.001, 0.01] })

// @ts-expect-error: a provider is not a meter.
instrument(server, { meter: metrics.getMeterProvider() })
