import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { freePort } from '../http/free-port.ts'
import { missingProgram } from '../tiers/missing-program.ts'

/** The files of Debian's package, including the script that creates a database. */
const PROGRAM = '/usr/bin/glewlwyd'
const TABLES = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3'
const MODULES = '/usr/lib/glewlwyd'

/** Tests against a real glewlwyd. Without one, they are skipped with the reason. */
export function describeWithGlewlwyd(name: string, tests: () => void): void {
  const absent = [PROGRAM, TABLES, '/usr/bin/sqlite3'].find((path) => !existsSync(path))
  if (absent === undefined) describe(name, tests)
  else describe.skip(`${name} (skipped: ${missingProgram(absent, 'glewlwyd dbconfig-no-thanks sqlite3')})`, tests)
}

/** A running glewlwyd with its own empty database. */
export interface Glewlwyd {
  /** The base URL of its REST API and its authorization servers. */
  readonly api: string
  /** Its log output. */
  log(): string
  stop(): Promise<void>
}

/**
 * Stops glewlwyd when its standard input ends. A killed test process closes that pipe too, so no server outlives the
 * tests.
 */
const KEEPER = `
exec 3<&0
"$0" --env-variables >"$1" 2>&1 3<&- &
server=$!
{ cat <&3; kill -9 $server; } >/dev/null 2>&1 &
wait $server
`

/** Starts glewlwyd in the foreground on a free port of the loopback interface. */
export async function startGlewlwyd(): Promise<Glewlwyd> {
  const folder = mkdtempSync(join(tmpdir(), 'bearward-glewlwyd-'))
  const database = join(folder, 'database')
  const logFile = join(folder, 'log')
  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '')
  try {
    makeDatabase(database)
    // Another process may take the port before glewlwyd does.
    for (let attempt = 1; attempt <= 5; attempt++) {
      const port = await freePort()
      const prefix = `api-${randomBytes(8).toString('hex')}`
      const child = spawn('/bin/sh', ['-c', KEEPER, PROGRAM, logFile], {
        env: { PATH: process.env.PATH, ...settings(port, prefix, database) },
        stdio: ['pipe', 'ignore', 'ignore'],
      })
      const stop = async () => {
        child.stdin?.end()
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      }
      if (await isReady(child, `http://127.0.0.1:${port}/config`, prefix)) {
        return {
          api: `http://127.0.0.1:${port}/${prefix}`,
          log,
          async stop() {
            await stop()
            rmSync(folder, { recursive: true, force: true })
          },
        }
      }
      await stop()
    }
    throw new Error(`glewlwyd does not start:\n${log()}`)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function makeDatabase(path: string): void {
  // One transaction: a thousand separate ones would all wait for the disk.
  const input = `BEGIN;\n${readFileSync(TABLES, 'utf8')}\nCOMMIT;\n`
  const { status, stderr, error } = spawnSync('/usr/bin/sqlite3', ['-bail', path], { input, encoding: 'utf8' })
  if (status !== 0) throw new Error(`no database: ${stderr}`, { cause: error })
}

const settings = (port: number, prefix: string, database: string): Record<string, string> => ({
  GLWD_PORT: String(port),
  GLWD_BIND_ADDRESS: '127.0.0.1',
  GLWD_EXTERNAL_URL: `http://127.0.0.1:${port}`,
  GLWD_API_PREFIX: prefix,
  GLWD_LOG_MODE: 'console',
  GLWD_LOG_LEVEL: 'WARNING',
  GLWD_COOKIE_SECURE: '0',
  GLWD_HASH_ALGORITHM: 'SHA512',
  GLWD_DATABASE_TYPE: 'sqlite3',
  GLWD_DATABASE_SQLITE3_PATH: database,
  GLWD_USER_MODULE_PATH: `${MODULES}/user`,
  GLWD_CLIENT_MODULE_PATH: `${MODULES}/client`,
  GLWD_AUTH_SCHEME_MODULE_PATH: `${MODULES}/scheme`,
  GLWD_PLUGIN_MODULE_PATH: `${MODULES}/plugin`,
})

/** Waits until this server responds with its prefix; false if it exits first. */
async function isReady(child: ChildProcess, url: string, prefix: string): Promise<boolean> {
  for (let round = 0; round < 1500 && child.exitCode === null && child.signalCode === null; round++) {
    const settings = await fetch(url).then(
      (response) => response.json(),
      () => undefined,
    )
    if ((settings as { api_prefix?: unknown } | undefined)?.api_prefix === prefix) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}
