import { type Fleet, upstreamOf } from './model.ts'

/** A thousand processes with default options: the base of the table in docs/scale.md. */
const THOUSAND: Fleet = {
  processes: 1000,
  jwtRequests: 20_000,
  opaqueRequests: 20_000,
  keySets: 1,
  keyLifetime: 600,
  opaqueTokens: 10_000,
  active: 60,
  shared: false,
  revocations: false,
}

const VARIANTS: readonly (readonly [string, Partial<Fleet>])[] = [
  ['default options', {}],
  ['key set with `Cache-Control: max-age=3600`', { keyLifetime: 3600 }],
  ['200 tenants with a key set each', { keySets: 200 }],
  ['`cache.active: 10`', { active: 10 }],
  ['`cache.active: 300`', { active: 300 }],
  ['each token always at the same process', { processesOfToken: 1 }],
  ['shared responses', { shared: true }],
  ['shared responses, `cache.active: 10`', { shared: true, active: 10 }],
  ['shared responses and revocations', { shared: true, revocations: true }],
]

const rounded = (value: number): string => (value === 0 ? '' : value < 10 ? value.toFixed(1) : value.toFixed(0))

/** What a thousand processes ask, a second, as the rows of a Markdown table. */
export function scaleTable(): string {
  const rows = VARIANTS.map(([title, change]) => {
    const { keySetFetches, introspections, responseStoreCalls, revocationStoreCalls } = upstreamOf({
      ...THOUSAND,
      ...change,
    })
    const cells = [keySetFetches, introspections, responseStoreCalls + revocationStoreCalls].map(rounded)
    return `| ${title} | ${cells.join(' | ')} |`
  })
  return ['| | key sets | introspections | calls of Redis |', '|---|---|---|---|', ...rows].join('\n')
}
