import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createVitest } from 'vitest/node'
import { amount } from './support/tiers/amount.ts'
import { rerunCommand } from './support/tiers/failure-reporter.ts'
import { filesOf, TIERS, testFiles } from './support/tiers/tiers.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const folder = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('..', import.meta.url))
const files = testFiles(folder)

describe('the tiers', () => {
  it('include every test file: each is in the quick tier or in the end-to-end one', () => {
    const run = [...filesOf('quick', files), ...filesOf('e2e', files)].map(({ path }) => path)
    expect(run.sort()).toEqual(files.map(({ path }) => path))
    expect(new Set(run).size).toBe(run.length)
  })

  // Checked as the test processes receive it: Vitest evaluates an extended configuration again, in its default mode. That
  // once turned the exhaustive tier into a quick one.
  it.each(TIERS)('%s: every file runs with this tier in its environment', async (tier) => {
    const mode = tier === 'quick' ? 'test' : tier
    const vitest = await createVitest('test', { root, mode, watch: false, reporters: [] })
    try {
      const values = vitest.projects.map(({ config }) => config.env.BEARWARD_TEST_TIER)
      expect(values.length).toBeGreaterThan(0)
      expect(values).toEqual(values.map(() => tier))
      const included = vitest.projects.flatMap(({ config }) => config.include)
      expect(included.sort()).toEqual(filesOf(tier, files).map(({ path }) => path))
    } finally {
      await vitest.close()
    }
  })

  it('amount() is full in the exhaustive tier only, and throws without a tier', () => {
    const [full, quick] = [100, 1]
    const amounts = TIERS.map((tier) => {
      vi.stubEnv('BEARWARD_TEST_TIER', tier)
      return amount(full, quick)
    })
    expect(amounts).toEqual([quick, full, quick])
    vi.stubEnv('BEARWARD_TEST_TIER', undefined)
    expect(() => amount(full, quick)).toThrow('BEARWARD_TEST_TIER')
  })

  it('are not empty', () => {
    for (const tier of TIERS) expect(filesOf(tier, files).length, tier).toBeGreaterThan(0)
  })

  it('run every file that calls amount() at full size; helpers must not call it', () => {
    const helpers = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
    )
    const calling = helpers.filter((name) =>
      /(?<!function )\bamount\(\d/.test(readFileSync(`${folder}/${name}`, 'utf8')),
    )
    expect(calling).toEqual([])
    for (const { path, endToEnd } of files.filter(({ sized }) => sized)) expect(endToEnd, path).toBe(false)
  })

  it('let no file share a process if a helper of it cleans up once per process', () => {
    const cleaning = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) =>
        name.endsWith('.ts') &&
        !name.endsWith('.test.ts') &&
        /^after(All|Each)\(/m.test(readFileSync(`${folder}/${name}`, 'utf8')),
    )
    const names = cleaning.map((name) => name.replaceAll('\\', '/').split('/').at(-1))
    const importing = files.filter(({ path }) => {
      const text = readFileSync(`${folder}/../${path}`, 'utf8')
      return names.some((name) => text.includes(`/${name}'`))
    })
    expect(importing.filter(({ shares }) => shares)).toEqual([])
  })
})

describe('the command for a failed test', () => {
  it('selects only that test, whatever characters its name has', () => {
    expect(rerunCommand('quick', 'test/a.test.ts', "a (RFC 6750 §2) isn't b", [])).toBe(
      "npx vitest run test/a.test.ts -t '^a \\(RFC 6750 §2\\) isn'\\''t b$'",
    )
  })

  it('repeats the tier, and the seed of a property', () => {
    const message =
      'Property failed after 3 tests\n{ seed: -42, path: "2:1:0", endOnFailure: true }\nCounterexample: []'
    expect(rerunCommand('e2e', 'test/a.test.ts', 'a', [message])).toBe(
      "BEARWARD_SEED=-42 BEARWARD_SEED_PATH=2:1:0 npx vitest run --mode e2e test/a.test.ts -t '^a$'",
    )
  })
})
