import { metrics } from '@opentelemetry/api'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { createResourceServer } from 'bearward'
import { instrument } from 'bearward/opentelemetry'
import { issuer, keys, resource } from './token.mjs'

class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

const reader = new Reader()
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
const server = createResourceServer({ resource, issuer: { issuer, keys } })
instrument(server)
await server.authenticate({ native: {}, method: 'GET', target: '/', authorization: [] }).catch(() => undefined)
const text = JSON.stringify((await reader.collect()).resourceMetrics.scopeMetrics)
if (!text.includes('bearward.decisions') || !text.includes('no_credentials')) throw new Error(text)

console.log('all as expected')
