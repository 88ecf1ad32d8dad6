import { createResourceServer } from 'bearward'
import { collect } from 'bearward/prometheus'
import { type OpenMetricsContentType, Registry, register } from 'prom-client'

const server = createResourceServer({ resource: 'https://api.example.com', issuer: 'https://auth.example.com' })

export const measured: { stop(): void } = collect(server)
collect({ server }, { registry: register, labels: { resource: true }, buckets: [0.001, 0.01] })

const openMetrics = new Registry<OpenMetricsContentType>()
openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
collect(server, { registry: openMetrics })

// @ts-expect-error: only the resource can be an additional label.
collect(server, { labels: { subject: true } })
