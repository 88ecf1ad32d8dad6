import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What to do where the program is missing. */
export const INSTALL = 'apt-get install --no-install-recommends prometheus'

export const hasPrometheus = (): boolean => spawnSync('prometheus', ['--version']).status === 0

/** A running Prometheus, with a folder of its own. */
export interface Prometheus {
  /** Its web page and API, on loopback. */
  readonly url: string
  stop(): Promise<void>
}

export interface PrometheusOptions {
  /** The port that serves the metrics, at any path. */
  readonly target: number
  /** The rules, as in `alerts.yml`. */
  readonly rules: string
  /** How often it scrapes, such as `1s`. */
  readonly interval: string
  /** Its own port. Default: any. */
  readonly port?: number
}

/**
 * Starts Debian's Prometheus. It does not use the configuration, the data or the service of the machine, and what it has
 * stored is removed when it stops.
 *
 * @throws {Error} if it does not start, with its output
 */
export async function startPrometheus({ target, rules, interval, port = 0 }: PrometheusOptions): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'bearward-prometheus-'))
  writeFileSync(join(folder, 'alerts.yml'), rules)
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `global: { scrape_interval: ${interval}, scrape_timeout: ${interval}, evaluation_interval: ${interval} }
rule_files: [alerts.yml]
scrape_configs: [{ job_name: orders, static_configs: [{ targets: ['127.0.0.1:${target}'] }] }]
`,
  )
  const child = spawn('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ])
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  async function stop(): Promise<void> {
    process.off('exit', kill)
    if (child.kill('SIGTERM')) await ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    return { url: await listening(child), stop }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

/** Its URL, once it has loaded everything. */
function listening(child: ChildProcess): Promise<string> {
  let output = ''
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => reject(new Error(`prometheus ended: ${output}`)))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const address = /msg="Listening on" address=(127\.0\.0\.1:\d+)/.exec(output)?.[1]
      if (address !== undefined && output.includes('ready to receive web requests')) resolve(`http://${address}`)
    })
  })
}
