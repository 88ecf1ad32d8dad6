import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { describe } from 'vitest'
import { missingProgram } from '../tiers/missing-program.ts'

const BINARY = '/usr/bin/chromium'

const ARGUMENTS = [
  '--headless',
  '--no-sandbox', // CI runs as root
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Milliseconds. Generous, since a browser is slow on a busy machine: the limit only detects hangs. */
const TIMEOUT = 240_000

/** The reason why there is no browser for the tests. */
function lacking(): string | undefined {
  if ('Deno' in globalThis || 'Bun' in globalThis) return 'playwright-core runs on Node only'
  if (existsSync(BINARY)) return undefined
  return missingProgram(BINARY, 'chromium')
}

/** Tests in a real browser. Without one, they are skipped with the reason. */
export function describeWithChromium(name: string, tests: () => void): void {
  const why = lacking()
  if (why === undefined) describe(name, { timeout: TIMEOUT }, tests)
  else describe.skip(`${name} (skipped: ${why})`, tests)
}

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: BINARY, args: ARGUMENTS })
