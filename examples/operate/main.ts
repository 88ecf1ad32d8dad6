import { readFileSync } from 'node:fs'
import { argv, stderr, stdout } from 'node:process'
import { type OrdersApi, startOrdersApi } from './orders-api.ts'
import { hasPrometheus, INSTALL, type Prometheus, startPrometheus } from './prometheus.ts'
import { startTraffic, type Traffic } from './traffic.ts'

const HELP = `Runs an API with metrics, an authorization server and steady traffic, and repeats what operators fear:
a key rotation, an outage and a flood. A Prometheus of its own scrapes it, so that each shows as a curve.

  npm start -- --operate

Everything listens on 127.0.0.1 and is removed when Ctrl-C ends it. Prometheus comes from Debian:

  ${INSTALL}
`

/** Seconds of each chapter. */
const CHAPTER = 30

/** What to look at: the chapters change these curves. */
const QUERIES = [
  'sum by (outcome) (rate(bearward_decisions_total[15s]))',
  'sum by (reason) (rate(bearward_decisions_total{outcome!="allowed"}[15s]))',
  'sum by (target, outcome) (rate(bearward_upstream_duration_seconds_count[15s]))',
  'bearward_jwks_age_seconds',
  'bearward_circuit_breaker_open',
]

const CHAPTERS: readonly [string, (api: OrdersApi, traffic: Traffic) => unknown][] = [
  ['calm', () => undefined],
  ['a key rotation: one fetch, and no caller notices', ({ issuer }) => issuer.rotate()],
  [
    'an outage: JWTs are served from stale keys, opaque tokens get 503 once the circuit breaker is open',
    ({ issuer }) => issuer.goDown(),
  ],
  ['the issuer is back', ({ issuer }) => issuer.recover()],
  [
    'a flood of unknown key IDs: refused, with one fetch per cooldown',
    (_, traffic) => {
      traffic.mood = 'flood'
    },
  ],
  [
    'the flood is over',
    (_, traffic) => {
      traffic.mood = 'calm'
    },
  ],
]

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort())

const pause = (seconds: number) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000)
    stopping.signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })

async function main(): Promise<void> {
  const api = await startOrdersApi(20)
  const traffic = startTraffic(api)
  const prometheus = hasPrometheus() ? await start(api) : undefined
  stdout.write(prometheus ? invitation(prometheus) : `Prometheus is not installed: ${INSTALL}\n`)
  stdout.write(`The metrics themselves: http://127.0.0.1:${api.metricsPort}/\nCtrl-C ends it.\n\n`)
  for (let chapter = 0; !stopping.signal.aborted; chapter++) {
    const [name, happens] = CHAPTERS[chapter % CHAPTERS.length] ?? ['', () => undefined]
    await happens(api, traffic)
    stdout.write(`${new Date().toTimeString().slice(0, 8)}  ${name}\n`)
    await pause(CHAPTER)
  }
  await traffic.stop()
  await prometheus?.stop()
  api.close()
}

const start = ({ metricsPort }: OrdersApi) =>
  startPrometheus({
    target: metricsPort,
    interval: '1s',
    rules: readFileSync('examples/operations/alerts.yml', 'utf8'),
  })

function invitation({ url }: Prometheus): string {
  const graphs = QUERIES.map(
    (query, index) => `g${index}.expr=${encodeURIComponent(query)}&g${index}.tab=0&g${index}.range_input=5m`,
  )
  return `Curves: ${url}/graph?${graphs.join('&')}\nAlerts: ${url}/alerts\n`
}

if (argv.includes('--help')) stdout.write(HELP)
else
  await main().catch((thrown) => {
    stderr.write(`It failed: ${thrown instanceof Error ? thrown.stack : thrown}\n`)
    process.exitCode = 1
  })
