import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../docs/pages.ts'
import { type Decisions, decideAll, PROVIDERS, providerTable, TABLE } from './table.ts'

// Tokens of the shapes that providers document, sent to a real server with the options for each.

let decisions: Decisions
beforeAll(async () => {
  decisions = await decideAll()
})

describe('tokens of each provider (M5)', () => {
  it.each(PROVIDERS)('$name: the good one is accepted, the wrong ones are refused', (provider) => {
    const [good, ...wrong] = decisions.get(provider.name) ?? []
    expect(good).toEqual({ token: provider.good, status: 200, reason: undefined, claim: undefined })
    expect(wrong).toHaveLength(3)
    for (const { token, status, reason, claim } of wrong) {
      expect(status, `${token}: ${reason}`).toBe(401)
      expect(reason, token).toMatch(/^\w+$/)
      // The form, the algorithm and the encryption are no claims; Cognito's `token_use` and UAA's `granted_scopes` are not in
      // the list (A9).
      const named =
        !['malformed', 'algorithm', 'encrypted'].includes(reason ?? '') &&
        !['Amazon Cognito', 'Amazon Cognito, updated issuer', 'Cloud Foundry UAA'].includes(provider.name)
      if (named) expect(claim, `${token}: ${reason}`).toMatch(/^\w+$/)
    }
  })
})

describe('the table of providers', () => {
  it('has at least 30', () => {
    const names = PROVIDERS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThanOrEqual(30)
  })

  it(`is what ${TABLE} says; \`npm run docs:providers\` writes it`, () => {
    expect(readFileSync(join(ROOT, TABLE), 'utf8')).toBe(providerTable(ROOT, decisions))
  })
})
