import { BearwardError, createResourceServer, type Reason, type ResourceRequest, scope } from 'bearward'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, encode, ISSUER, NOW, signed } from '../corpus/kit.ts'
import { isSentenceFor, parseChallenge, SENTENCES } from '../support/apps/expect-response.ts'
import { codePoint } from '../support/code-points.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { amount } from '../support/tiers/amount.ts'

const kit = createKit()
const { ES256 } = kit.signers

const servers = (['oauth', 'problem'] as const).map((body) =>
  createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(ES256) },
    clock: () => NOW,
    formTokens: 'accept',
    body,
  }),
)

/** The error of a request, `undefined` if it is let through. Any other error fails the test. */
async function refusal(request: Partial<ResourceRequest>): Promise<readonly BearwardError[]> {
  const refusals: BearwardError[] = []
  for (const server of servers) {
    try {
      const view = { method: 'GET', target: '/', authorization: [], contentType: undefined, ...request, native: {} }
      await server.authenticate(view, [scope('read:orders')])
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(BearwardError)
      refusals.push(thrown as BearwardError)
    }
  }
  return refusals
}

const isOurs = (sentence: string | undefined) =>
  sentence !== undefined && (Object.keys(SENTENCES) as Reason[]).some((reason) => isSentenceFor(reason, sentence))

/** A3: only texts from the configuration and the closed list of sentences. */
function expectClosed(errors: readonly BearwardError[]): void {
  for (const error of errors) {
    const { status, headers, body } = error.response ?? expect.fail('no response was prepared')
    expect([400, 401, 403]).toContain(status)
    for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/)
    const { parameters } = parseChallenge(headers['WWW-Authenticate'] as string)
    expect(Object.keys(parameters).filter((name) => !NAMES.includes(name))).toEqual([])
    expect(parameters.realm).toBe(RESOURCE)
    if (parameters.error_description !== undefined) expect(isOurs(parameters.error_description)).toBe(true)
    expect(body).toMatch(/^[\x20-\x7e]*$/)
    const { error_description, detail } = JSON.parse(body) as Record<string, string>
    expect(isOurs(error_description ?? detail)).toBe(true)
    expect(isSentenceFor(error.reason, error.description)).toBe(true)
    expect([error.description, `${error.description}; see the option ${error.option}`]).toContain(error.message)
    expect(() => error.toResponse()).not.toThrow()
  }
}

const NAMES = ['realm', 'error', 'error_description', 'scope', 'resource_metadata']

const anyText = fc.string({ unit: codePoint, maxLength: 60 })
const asToken = fc.oneof(
  anyText,
  anyText.map((text) => `Bearer ${text}`),
  anyText.map((text) => `Bearer ${encode(text)}`),
)

describe('A3: responses', () => {
  it('cannot be broken by any Authorization line (RFC 6750 §3)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(asToken, { maxLength: 2 }), async (authorization) => {
        expectClosed(await refusal({ authorization }))
      }),
      { numRuns: amount(500, 150) },
    )
  })

  it('cannot be broken by any target or method', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (target, method) => {
        expectClosed(await refusal({ target: `/?${target}&access_token=${target}`, method }))
      }),
      { numRuns: amount(200, 100) },
    )
  })

  it('cannot be broken by any form', async () => {
    const value = fc.oneof(anyText, fc.jsonValue(), fc.constant(undefined))
    const body = fc.oneof(
      anyText,
      anyText.map((text) => `access_token=${text}`),
      fc.record({ access_token: value }),
      fc.dictionary(anyText, value),
      fc.constant(undefined),
    )
    await fc.assert(
      fc.asyncProperty(body, async (form) => {
        const contentType = 'application/x-www-form-urlencoded'
        expectClosed(
          await refusal({ method: 'POST', contentType, form: () => form as Record<string, unknown> | string }),
        )
      }),
      { numRuns: amount(500, 150) },
    )
  })

  it('cannot be broken by any header of a signed token', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(headerName, fc.jsonValue()), async (members) => {
        const token = signed({ ...kit.header(), ...members }, kit.claims(), ES256)
        expectClosed(await refusal({ authorization: [`Bearer ${token}`] }))
      }),
      { numRuns: amount(300, 100) },
    )
  })

  it('cannot be broken by any claims of a signed token', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(claimName, fc.jsonValue()), async (members) => {
        const token = signed(kit.header(), { ...kit.claims(), ...members }, ES256)
        expectClosed(await refusal({ authorization: [`Bearer ${token}`] }))
      }),
      { numRuns: amount(500, 150) },
    )
  })

  it('cannot be broken by any parts put together as a token', async () => {
    const part = fc.oneof(
      fc.jsonValue().map((value) => encode(JSON.stringify(value))),
      fc.stringMatching(/^[\w-]{0,20}$/),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        expectClosed(await refusal({ authorization: [`Bearer ${parts.join('.')}`] }))
      }),
      { numRuns: amount(500, 150) },
    )
  })
})

const headerName = fc.oneof(fc.constantFrom('alg', 'kid', 'typ', 'crit', 'b64', 'jwk', 'jku', '__proto__'), anyText)
const claimName = fc.oneof(
  fc.constantFrom('iss', 'aud', 'exp', 'nbf', 'iat', 'sub', 'scope', 'scp', 'cnf', 'typ', 'nonce', 'then', '__proto__'),
  anyText,
)
