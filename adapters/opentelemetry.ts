import {
  context,
  createNoopMeter,
  type Meter,
  metrics,
  ProxyTracer,
  ProxyTracerProvider,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { type BearwardEvent, ConfigurationError } from 'bearward'
import {
  checkMetricOptions,
  createMonitor,
  DEFAULT_BUCKETS,
  GAUGES,
  type GaugeName,
  METRICS,
  type MetricOptions,
  type Monitor,
  type Observable,
  type ObservableInput,
  type Stoppable,
  startOnce,
  toObservable,
} from './internal/metrics.ts'

/** The options of {@link instrument}. */
export interface InstrumentOptions extends MetricOptions {
  /** Default: the global meter with the name `bearward`. */
  readonly meter?: Meter
  /** Default: the global tracer with the name `bearward`. */
  readonly tracer?: Tracer
}

const monitors = new WeakMap<Meter, Monitor>()

/**
 * Metrics of what a resource server decides, a span for each request to its authorization servers, and an event on the
 * active span for each refusal. Call it after the SDK has started: where metrics or traces have no SDK, nothing is
 * measured.
 *
 * @param input a resource server, or what an adapter's `resourceServer()` returns
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function instrument(input: ObservableInput, options: InstrumentOptions = {}): Stoppable {
  checkMetricOptions(options, 'instrument', ['meter', 'tracer'])
  const { meter = metrics.getMeter(NAME), tracer = trace.getTracer(NAME) } = options
  if (typeof meter?.createCounter !== 'function') throw new ConfigurationError('instrument.meter', 'must be a Meter')
  if (typeof tracer?.startSpan !== 'function') throw new ConfigurationError('instrument.tracer', 'must be a Tracer')
  const server = toObservable(input, 'instrument')
  const measured = meter === createNoopMeter() ? undefined : monitorOf(meter, options).add(server, options)
  const traced = hasNoSdk(tracer) ? undefined : tracing(tracer)(server, () => traceServer(server, tracer))
  return {
    stop() {
      measured?.stop()
      traced?.stop()
    },
  }
}

const NAME = 'bearward'

const traces = new WeakMap<Tracer, ReturnType<typeof startOnce>>()

function tracing(tracer: Tracer): ReturnType<typeof startOnce> {
  const found = traces.get(tracer) ?? startOnce()
  traces.set(tracer, found)
  return found
}

/** The API's own tracer does nothing until an SDK is registered. */
function hasNoSdk(tracer: Tracer): boolean {
  const provider = trace.getTracerProvider()
  if (!(tracer instanceof ProxyTracer && provider instanceof ProxyTracerProvider)) return false
  return provider.getDelegate() === new ProxyTracerProvider().getDelegate()
}

function monitorOf(meter: Meter, { buckets = DEFAULT_BUCKETS }: MetricOptions): Monitor {
  const existing = monitors.get(meter)
  if (existing) return existing
  const { decisions, decisionDuration, upstreamDuration, storeFailures } = METRICS
  const advice = { explicitBucketBoundaries: [...buckets] }
  const decided = meter.createCounter(decisions.name, describe(decisions))
  const deciding = meter.createHistogram(decisionDuration.name, { ...describe(decisionDuration), advice })
  const fetching = meter.createHistogram(upstreamDuration.name, { ...describe(upstreamDuration), advice })
  const failed = meter.createCounter(storeFailures.name, describe(storeFailures))
  const monitor = createMonitor({
    decided(labels, duration, durationLabels) {
      decided.add(1, labels)
      deciding.record(duration, durationLabels)
    },
    fetched: (labels, duration) => fetching.record(duration, labels),
    storeFailed: (labels) => failed.add(1, labels),
  })
  for (const gauge of Object.keys(GAUGES) as GaugeName[]) {
    meter.createObservableGauge(GAUGES[gauge].name, describe(GAUGES[gauge])).addCallback((result) => {
      for (const { labels, value } of monitor.samples(gauge)) result.observe(value, labels)
    })
  }
  monitors.set(meter, monitor)
  return monitor
}

const describe = ({ unit, help }: { unit: string; help: string }) => ({ unit, description: help })

type EventOf<Type extends BearwardEvent['type']> = Extract<BearwardEvent, { type: Type }>

function traceServer(server: Observable, tracer: Tracer): Stoppable {
  return server.subscribe(
    (event) => {
      if (event.type === 'fetch') recordSpan(event, tracer)
      else if (event.type === 'decision') recordRefusal(event)
    },
    ['fetch', 'decision'],
  )
}

/** A span with its end already known. The active context is that of the request that started the fetch. */
function recordSpan({ target, issuer, code, status, duration }: EventOf<'fetch'>, tracer: Tracer): void {
  const end = Date.now()
  const span = tracer.startSpan(`bearward.${target}`, {
    kind: SpanKind.CLIENT,
    startTime: end - duration,
    attributes: {
      'bearward.issuer': issuer,
      ...(status !== undefined && { 'http.response.status_code': status }),
      ...(code !== undefined && { 'error.type': code }),
    },
  })
  if (code !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(end)
}

function recordRefusal({ outcome, reason, claim, code, status, issuer }: EventOf<'decision'>): void {
  if (outcome === 'allowed' || outcome === 'anonymous') return
  trace.getSpan(context.active())?.addEvent('bearward.refused', {
    'bearward.outcome': outcome,
    ...(reason !== undefined && { 'bearward.reason': reason }),
    ...(claim !== undefined && { 'bearward.claim': claim }),
    ...(code !== undefined && { 'error.type': code }),
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(issuer !== undefined && { 'bearward.issuer': issuer }),
  })
}
