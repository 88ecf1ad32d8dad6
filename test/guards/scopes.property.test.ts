import { createResourceServer } from 'bearward'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { codePoint } from '../support/code-points.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()
const { ES256 } = kit.signers

const server = createResourceServer({
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(ES256), scopeClaims: ['scope', 'scp', 'roles'] },
  clock: () => NOW,
})

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** What a claim grants according to the standards (RFC 6749 §3.3, RFC 9068 §2.2.3), in a naive implementation. */
function granted(value: unknown): string[] {
  const members: unknown[] = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : []
  return members.filter((member): member is string => typeof member === 'string' && SCOPE_TOKEN.test(member))
}

const name = fc.constantFrom(
  'read:orders',
  'read',
  'READ',
  'read:',
  'orders',
  'a',
  'b',
  'admin',
  '__proto__',
  'é',
  '"',
  '',
)
const separator = fc.constantFrom(' ', '  ', ',', '\t', '\n', ';', '\u00a0')
const text = fc.array(fc.oneof(name, separator), { maxLength: 8 }).map((parts) => parts.join(''))
const value = fc.oneof(
  text,
  fc.array(fc.oneof(name, text, fc.jsonValue({ maxDepth: 1 })), { maxLength: 5 }),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constant(undefined),
)

describe('J7: the scopes of a token', () => {
  it('are exactly the members of its scope claims, case-sensitive (RFC 6749 §3.3)', async () => {
    await fc.assert(
      fc.asyncProperty(value, value, value, async (scope, scp, roles) => {
        const token = await server.verify(kit.token({ claims: kit.claims({ scope, scp, roles }) }))
        const expected = [...new Set([scope, scp, roles].flatMap(granted))]
        expect(token.scopes).toEqual(expected)
        for (const one of expected) expect(token.hasScope(one)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('contain only exact members: no part, no other case, no other spelling', async () => {
    const required = fc.oneof(name, text, fc.string({ unit: codePoint, maxLength: 8 }))
    await fc.assert(
      fc.asyncProperty(value, fc.array(required, { maxLength: 6 }), async (scope, others) => {
        const token = await server.verify(kit.token({ claims: kit.claims({ scope }) }))
        for (const one of others) expect(token.hasScope(one)).toBe(granted(scope).includes(one))
      }),
      { numRuns: 500 },
    )
  })
})
