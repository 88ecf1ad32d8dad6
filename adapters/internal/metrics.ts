import { type BearwardEvent, ConfigurationError, type ResourceServer } from 'bearward'

/** What metrics and traces need of a resource server. */
export type Observable = Pick<ResourceServer, 'subscribe' | 'state' | 'metadata'>

/** A resource server, or what an adapter returns for one. */
export type ObservableInput = Observable | { readonly server: Observable }

/** @throws {ConfigurationError} if it is neither */
export function toObservable(input: ObservableInput, name: string): Observable {
  const { server = input } = (input ?? {}) as { server?: unknown }
  if (typeof (server as Partial<Observable> | null)?.subscribe !== 'function')
    throw new ConfigurationError(`${name}.server`, 'must be a resource server, or what an adapter returns')
  return server as Observable
}

export interface Stoppable {
  /** Ends the measurement of this server. Counts remain. */
  stop(): void
}

/** What all metrics have in common. */
export interface MetricOptions {
  /** Additional labels. `resource`: the identifier of the resource server, to tell several in one process apart. */
  readonly labels?: { readonly resource?: boolean }
  /** The upper bounds of both histograms, in seconds, ascending. Default: 0.1 ms to 10 s. */
  readonly buckets?: readonly number[]
}

export type Labels = Readonly<Record<string, string>>

/** Where measurements go. Durations are in seconds. */
export interface Sink {
  decided(labels: Labels, duration: number, durationLabels: Labels): void
  fetched(labels: Labels, duration: number): void
  storeFailed(labels: Labels): void
}

export const DEFAULT_BUCKETS: readonly number[] = Object.freeze([
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
])

/** Every metric, by its name in OpenTelemetry. A test compares this list with the page. */
export const METRICS = {
  decisions: { name: 'bearward.decisions', unit: '{decision}', help: 'Decisions about requests' },
  decisionDuration: { name: 'bearward.decision.duration', unit: 's', help: 'Time from the guard to its decision' },
  upstreamDuration: {
    name: 'bearward.upstream.duration',
    unit: 's',
    help: 'Time of requests to authorization servers, body included',
  },
  storeFailures: { name: 'bearward.store.failures', unit: '{failure}', help: 'Failures of stores' },
} as const

/** Metrics that are read from `server.state()` when they are collected. */
export const GAUGES = {
  jwksAge: { name: 'bearward.jwks.age', unit: 's', help: 'Time since the keys of an issuer were loaded' },
  breakerOpen: {
    name: 'bearward.circuit_breaker.open',
    unit: '1',
    help: '1 while the introspection of an issuer is paused, otherwise 0',
  },
  cacheEntries: { name: 'bearward.cache.entries', unit: '{entry}', help: 'Entries of a cache' },
  cacheLimit: { name: 'bearward.cache.limit', unit: '{entry}', help: 'The most entries that a cache holds' },
  revocations: { name: 'bearward.revocation.entries', unit: '{entry}', help: 'Revocations in force' },
} as const

export type GaugeName = keyof typeof GAUGES

/** How the values of several servers combine. They may share one list of revocations, so those do not add up. */
export const isSum = (gauge: GaugeName): boolean => gauge === 'cacheEntries' || gauge === 'cacheLimit'

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** The measurements of all servers that report to the same place. */
export interface Monitor {
  add(server: Observable, options: MetricOptions): Stoppable
  /** What a gauge shows now: one sample for each set of labels. */
  samples(gauge: GaugeName): readonly Sample[]
}

// The number of values that a label may have. Only issuers can be many: those that are found at run time.
const MAX_VALUES = 100

export function createMonitor(sink: Sink): Monitor {
  const servers = new Map<Observable, Labels>()
  const measure = startOnce()
  const issuerLabel = boundedLabel()
  const otherLabel = boundedLabel()

  function record(event: BearwardEvent, common: Labels): void {
    if (event.type === 'decision') {
      // Guards in a row are one decision: the first.
      if (event.stacked) return
      const { outcome, reason = 'none', format = 'none' } = event
      const labels = { ...common, outcome, reason: otherLabel(reason), issuer: issuerLabel(event.issuer), format }
      sink.decided(labels, event.duration / 1000, { ...common, outcome })
    } else if (event.type === 'fetch') {
      const { target, outcome, code } = event
      const error = code === undefined ? {} : { 'error.type': otherLabel(code) }
      sink.fetched({ ...common, target, outcome, ...error }, event.duration / 1000)
    } else if (event.type === 'store') {
      sink.storeFailed({ ...common, store: event.store, 'error.type': event.code })
    }
  }

  const GAUGE_SAMPLES: Readonly<Record<GaugeName, (server: Observable) => readonly Sample[]>> = {
    jwksAge: (server) =>
      server
        .state()
        .issuers.flatMap(({ issuer, keys }) =>
          keys.age === undefined ? [] : [{ labels: { issuer: issuerLabel(issuer) }, value: keys.age }],
        ),
    breakerOpen: (server) =>
      server
        .state()
        .issuers.flatMap(({ issuer, introspection }) =>
          introspection
            ? [{ labels: { issuer: issuerLabel(issuer) }, value: introspection.status === 'closed' ? 0 : 1 }]
            : [],
        ),
    cacheEntries: (server) => caches(server).map(([cache, { entries }]) => ({ labels: { cache }, value: entries })),
    cacheLimit: (server) => caches(server).map(([cache, { max }]) => ({ labels: { cache }, value: max })),
    revocations(server) {
      const { revocation } = server.state()
      return revocation ? [{ labels: {}, value: revocation.entries }] : []
    },
  }

  return {
    add(server, { labels }) {
      const common: Labels = labels?.resource ? { resource: server.metadata.document.resource } : {}
      if ((servers.get(server) ?? common).resource !== common.resource)
        throw new ConfigurationError('labels.resource', 'must be that of the first call with this server')
      return measure(server, () => {
        const subscription = server.subscribe((event) => record(event, common), RECORDED)
        servers.set(server, common)
        return {
          stop() {
            subscription.stop()
            servers.delete(server)
          },
        }
      })
    },
    samples(gauge) {
      const combine = isSum(gauge) ? add : Math.max
      const samples = new Map<string, Sample>()
      for (const [server, common] of servers) {
        for (const { labels, value } of GAUGE_SAMPLES[gauge](server)) {
          const all = { ...common, ...labels }
          const key = JSON.stringify(all)
          const before = samples.get(key)
          samples.set(key, { labels: all, value: before ? combine(before.value, value) : value })
        }
      }
      return [...samples.values()]
    },
  }
}

/** What is started more than once for a server runs once, until the last one that has started it stops. */
export function startOnce(): (server: Observable, start: () => Stoppable) => Stoppable {
  const running = new Map<Observable, { readonly work: Stoppable; readonly users: Set<object> }>()
  return (server, start) => {
    const found = running.get(server) ?? { work: start(), users: new Set() }
    running.set(server, found)
    const user = {
      stop() {
        if (!found.users.delete(user) || found.users.size > 0) return
        running.delete(server)
        found.work.stop()
      },
    }
    found.users.add(user)
    return user
  }
}

const RECORDED = ['decision', 'fetch', 'store'] as const

const add = (one: number, other: number): number => one + other

const caches = (server: Observable) => Object.entries(server.state().caches)

/** Values beyond the first 100 become `other`, however many there are. */
function boundedLabel(): (value: string | undefined) => string {
  const seen = new Set<string>()
  return (value) => {
    if (value === undefined) return 'none'
    if (seen.has(value)) return value
    if (seen.size >= MAX_VALUES) return 'other'
    seen.add(value)
    return value
  }
}

/** @throws {ConfigurationError} naming the option that is wrong */
export function checkMetricOptions(options: unknown, name: string, others: readonly string[]): MetricOptions {
  const { labels, buckets } = members(options, name, ['labels', 'buckets', ...others])
  if (labels !== undefined) {
    const { resource } = members(labels, `${name}.labels`, ['resource'])
    if (resource !== undefined && typeof resource !== 'boolean')
      throw new ConfigurationError(`${name}.labels.resource`, 'must be true or false')
  }
  if (buckets !== undefined && !isAscending(buckets))
    throw new ConfigurationError(`${name}.buckets`, 'must be a list of positive numbers of seconds, ascending')
  return options as MetricOptions
}

function members(value: unknown, name: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new ConfigurationError(name, 'must be an object')
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined) throw new ConfigurationError(`${name}.${unknown}`, `is not one of ${known.join(', ')}`)
  return value as Readonly<Record<string, unknown>>
}

const isAscending = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((bound, index) => Number.isFinite(bound) && bound > (index === 0 ? 0 : value[index - 1]))
