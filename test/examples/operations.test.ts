import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OrdersApi, startOrdersApi } from '../../examples/operate/orders-api.ts'
import { hasPrometheus, type Prometheus, startPrometheus } from '../../examples/operate/prometheus.ts'
import { startTraffic, type Traffic } from '../../examples/operate/traffic.ts'
import { missingProgram } from '../support/tiers/missing-program.ts'

// N5: a real Prometheus scrapes an API through a rotation, an outage and a flood. Every query of the dashboard is run
// against it, and the alerts fire. What takes minutes in production takes seconds here: windows and `for` are shortened.

const folder = fileURLToPath(new URL('../../examples/operations/', import.meta.url))
const read = (name: string): string => readFileSync(folder + name, 'utf8')

const WINDOW = '6s'
const shortened = read('alerts.yml')
  .replaceAll(/for: \d+m/g, 'for: 0s')
  .replaceAll('[5m]', `[${WINDOW}]`)
  .replaceAll('[1h]', '[60s]')
  .replaceAll('> 1800', '> 3')

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[]
}
const { panels } = JSON.parse(read('dashboard.json')) as Dashboard

interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

const installed = hasPrometheus()
const title = 'a real Prometheus'
describe.skipIf(!installed)(
  installed ? title : `${title} (skipped: ${missingProgram('prometheus', 'prometheus')})`,
  () => {
    let api: OrdersApi
    let traffic: Traffic
    let prometheus: Prometheus
    /** Every sample that a query of the dashboard has returned so far, by query. */
    const seen = new Map<string, Sample[]>()

    beforeAll(async () => {
      api = await startOrdersApi(2)
      traffic = startTraffic(api)
      prometheus = await startPrometheus({ target: api.metricsPort, rules: shortened, interval: '500ms' })
    })
    afterAll(async () => {
      api.issuer.recover()
      await traffic?.stop()
      await prometheus?.stop()
      api?.close()
    })

    async function get<T>(path: string): Promise<T> {
      const response = await fetch(`${prometheus.url}/api/v1/${path}`, { headers: { connection: 'close' } })
      const body = (await response.json()) as { status: string; data: T; error?: string }
      expect([path, body.status, body.error]).toEqual([path, 'success', undefined])
      return body.data
    }
    const query = async (expr: string) =>
      (await get<{ result: Sample[] }>(`query?query=${encodeURIComponent(expr)}`)).result

    const firing = async () =>
      (await get<{ alerts: { labels: Record<string, string>; state: string }[] }>('alerts')).alerts
        .filter(({ state }) => state === 'firing')
        .map(({ labels }) => labels.alertname)

    async function lookAtDashboard(): Promise<void> {
      for (const { expr } of panels.flatMap(({ targets }) => targets)) {
        const concrete = expr.replaceAll('$__rate_interval', WINDOW).replaceAll('$job', '.+')
        const samples = (await query(concrete)).filter(({ value }) => value[1] !== 'NaN')
        seen.set(expr, [...(seen.get(expr) ?? []), ...samples])
      }
    }

    async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
      for (let round = 0; !(await condition()); round++) {
        if (round > 150) throw new Error(`${what} did not happen; statuses: ${JSON.stringify(traffic.statuses)}`)
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    }
    const fires = (alert: string) => until(alert, async () => (await firing()).includes(alert))

    it('scrapes the API, and loads all rules', async () => {
      await until('the first scrape', async () => (await query('up == 1')).length === 1)
      const { groups } = await get<{ groups: { rules: { name: string; health: string }[] }[] }>('rules')
      const rules = groups.flatMap((group) => group.rules)
      expect(rules).toHaveLength(shortened.match(/alert:/g)?.length ?? 0)
      await until('evaluation', async () => {
        const now = await get<{ groups: { rules: { health: string }[] }[] }>('rules')
        return now.groups.flatMap((group) => group.rules).every(({ health }) => health === 'ok')
      })
    })

    it('sees a key rotation: the set is fetched, and no one is refused for it', { timeout: 60_000 }, async () => {
      await api.issuer.rotate()
      await until('traffic', async () => (await query('bearward_decisions_total{outcome="allowed"} > 20')).length > 0)
      await lookAtDashboard()
      expect(await query('bearward_decisions_total{reason=~"signature|unknown_key"}')).toEqual([])
      expect(await query('bearward_upstream_duration_seconds_count{target="keys",outcome="ok"} > 1')).toHaveLength(1)
      expect(await firing()).not.toContain('BearwardUnavailable')
    })

    it('sees an outage: 503 for opaque tokens, the breaker opens, keys get old', { timeout: 90_000 }, async () => {
      api.issuer.goDown()
      await fires('BearwardUnavailable')
      await fires('BearwardCircuitBreakerOpen')
      await fires('BearwardKeysOld')
      await lookAtDashboard()
      expect(await query('bearward_decisions_total{outcome="unavailable",reason="keys_unavailable"}')).toEqual([])
      api.issuer.recover()
      await until('recovery', async () => !(await firing()).some((alert) => alert === 'BearwardCircuitBreakerOpen'))
    })

    it('sees a flood of unknown key IDs: refusals rise, fetches do not', { timeout: 90_000 }, async () => {
      const fetches = async () =>
        Number((await query('sum(bearward_upstream_duration_seconds_count{target="keys"})'))[0]?.value[1])
      const [before, start] = [await fetches(), Date.now()]
      traffic.mood = 'flood'
      // The alert may be firing already, for what the outage made of other tokens.
      const rising = 'ALERTS{alertname="BearwardRefusalsRising",alertstate="firing",reason="unknown_key"}'
      await until('the alert', async () => (await query(rising)).length === 1)
      const flooded = 'bearward_decisions_total{reason="unknown_key"} > 20'
      await until('the flood', async () => (await query(flooded)).length === 1)
      traffic.mood = 'calm'
      await lookAtDashboard()
      // Refreshes of a set that is fresh for 2 s, and a forced fetch per second.
      expect((await fetches()) - before).toBeLessThan(3 + (Date.now() - start) / 500)
    })

    it('has run every query of the dashboard, and each had a result', () => {
      const EMPTY = ['Failures of stores', 'Revocations in force'] // this API has neither
      const without = panels.filter(({ targets }) => targets.some(({ expr }) => (seen.get(expr) ?? []).length === 0))
      expect(without.map((panel) => panel.title)).toEqual(EMPTY)
      const shown = JSON.stringify([...seen.values()])
      for (const label of [
        'allowed',
        'unavailable',
        'unknown_key',
        'introspection_unavailable',
        'jwt',
        'keys',
        'network',
      ]) {
        expect(shown).toContain(`"${label}"`)
      }
    })
  },
)

describe.skipIf(!installed)('promtool', () => {
  it.each([
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ])('%s %s %s', (...args) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' })
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('SUCCESS')])
  })

  it('tests that each alert fires', () => {
    const names = [...read('alerts.yml').matchAll(/alert: (\w+)/g)].map(([, name]) => name)
    const tests = read('alerts.test.yml')
    const [, ...firing] = tests.split('- name:').slice(1)
    expect(names.filter((name) => !firing.join('').includes(name ?? ''))).toEqual([])
  })
})
