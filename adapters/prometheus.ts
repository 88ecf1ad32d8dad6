import { ConfigurationError } from 'bearward'
import {
  Counter,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  type PrometheusContentType,
  type Registry,
  register,
} from 'prom-client'
import {
  checkMetricOptions,
  createMonitor,
  DEFAULT_BUCKETS,
  GAUGES,
  type GaugeName,
  isSum,
  type Labels,
  METRICS,
  type MetricOptions,
  type Monitor,
  type ObservableInput,
  type Stoppable,
  toObservable,
} from './internal/metrics.ts'

/** The options of {@link collect}. */
export interface CollectOptions extends MetricOptions {
  /** Where the metrics are registered. Default: the global registry of prom-client. */
  readonly registry?: Registry<PrometheusContentType> | Registry<OpenMetricsContentType>
}

interface Registered {
  readonly monitor: Monitor
  readonly buckets: readonly number[]
}

const registries = new WeakMap<object, Registered>()

/**
 * Counts and measures what a resource server decides, and how the requests to its authorization servers end, as metrics of
 * prom-client. It serves nothing: your application decides where `registry.metrics()` is served, and who may
 * read it.
 *
 * Several servers may share a registry: counters add up, unless `labels.resource` tells them apart.
 *
 * @param input a resource server, or what an adapter's `resourceServer()` returns
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function collect(input: ObservableInput, options: CollectOptions = {}): Stoppable {
  checkMetricOptions(options, 'collect', ['registry'])
  const { registry = register, buckets } = options
  if (typeof registry?.registerMetric !== 'function')
    throw new ConfigurationError('collect.registry', 'must be a Registry of prom-client')
  const registered =
    registeredIn(registry as Registry) ?? registerMetrics(registry as Registry, buckets ?? DEFAULT_BUCKETS)
  if (buckets !== undefined && String(buckets) !== String(registered.buckets))
    throw new ConfigurationError('collect.buckets', 'must be those of the first call with this registry')
  return registered.monitor.add(toObservable(input, 'collect'), options)
}

/** Nothing any more in a registry that was cleared, as between tests. */
function registeredIn(registry: Registry): Registered | undefined {
  const { name } = nameOf(METRICS.decisions, '_total')
  return registry.getSingleMetric(name) && registries.get(registry)
}

function registerMetrics(registry: Registry, buckets: readonly number[]): Registered {
  const registers = [registry]
  const decisions = new Counter({
    ...nameOf(METRICS.decisions, '_total'),
    labelNames: ['outcome', 'reason', 'issuer', 'format', 'resource'],
    registers,
  })
  const decisionDuration = new Histogram({
    ...nameOf(METRICS.decisionDuration),
    labelNames: ['outcome', 'resource'],
    buckets: [...buckets],
    registers,
  })
  const upstreamDuration = new Histogram({
    ...nameOf(METRICS.upstreamDuration),
    labelNames: ['target', 'outcome', 'error_type', 'resource'],
    buckets: [...buckets],
    registers,
  })
  const storeFailures = new Counter({
    ...nameOf(METRICS.storeFailures, '_total'),
    labelNames: ['store', 'error_type', 'resource'],
    registers,
  })
  const monitor = createMonitor({
    decided(labels, duration, durationLabels) {
      decisions.inc(labels)
      decisionDuration.observe(durationLabels, duration)
    },
    fetched: (labels, duration) => upstreamDuration.observe(withUnderscores(labels), duration),
    storeFailed: (labels) => storeFailures.inc(withUnderscores(labels)),
  })
  for (const gauge of Object.keys(GAUGES) as GaugeName[]) {
    new Gauge({
      ...nameOf(GAUGES[gauge]),
      labelNames: ['issuer', 'cache', 'resource'],
      registers,
      // With node:cluster, a sum of ages would mean nothing.
      aggregator: isSum(gauge) ? 'sum' : 'max',
      collect() {
        this.reset()
        for (const { labels, value } of monitor.samples(gauge)) this.set(labels, value)
      },
    })
  }
  const registered = { monitor, buckets: [...buckets] }
  registries.set(registry, registered)
  return registered
}

/** Underscores for dots, and the unit for seconds: what exporters of OpenTelemetry make of the same names. */
const nameOf = ({ name, unit, help }: { name: string; unit: string; help: string }, suffix = '') => ({
  name: `${name.replaceAll('.', '_')}${unit === 's' ? '_seconds' : ''}${suffix}`,
  help,
})

function withUnderscores({ 'error.type': type, ...labels }: Labels): Labels {
  return type === undefined ? labels : { ...labels, error_type: type }
}
