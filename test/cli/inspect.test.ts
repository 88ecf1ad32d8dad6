import { createResourceServer } from 'bearward'
import {
  BAD_PROOFS,
  BAD_TOKENS,
  type BadProof,
  type BadToken,
  createDpopClient,
  createTestIssuer,
  type TestIssuer,
} from 'bearward/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { bearward } from './command.ts'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await createTestIssuer({ resource: 'https://api.example.com', claims: { scope: 'read:orders' } })
})

const MATCHING = ['--issuer', 'https://auth.test', '--resource', 'https://api.example.com', '--scope', 'read:orders']

interface Inspection {
  readonly kind: string
  readonly header?: Record<string, unknown>
  readonly claims?: Record<string, unknown>
  readonly times: readonly { claim: string; words: string }[]
  readonly checks: readonly { check: string; outcome: string; reason?: string }[]
  readonly refusal?: { reason: string }
}

async function inspected(token: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await bearward(['inspect', '--json', ...args], { input: token })
  expect(stderr).toBe('')
  return { code, ...(JSON.parse(stdout) as Inspection) }
}

describe('a good token', () => {
  it('is explained: header, claims, relative times, and the result of each check', async () => {
    const { stdout, code } = await bearward(['inspect', ...MATCHING], { input: await issuer.jwt() })
    expect(code).toBe(0)
    expect(stdout).toContain('A JWT access token (RFC 9068)')
    expect(stdout).toMatch(/alg {2}"ES256"/)
    expect(stdout).toMatch(/exp .* expires in 5 minutes, at \d\d:\d\d|exp .* on \d{4}-\d\d-\d\d at/)
    expect(stdout.match(/^ {2}\+ /gm)).toHaveLength(8)
    expect(stdout.match(/^ {2}\? signature/gm)).toHaveLength(1)
    expect(stdout).toContain('it passes all checks that were possible')
  })

  it('passes every offline check, and leaves the others open', async () => {
    const token = await issuer.jwt()
    const outcomes = ({ checks }: Inspection) =>
      Object.fromEntries(checks.map(({ check, outcome }) => [check, outcome]))
    const passed = { form: 'met', kind: 'met', times: 'met', claims: 'met', binding: 'met', signature: 'open' }
    expect(outcomes(await inspected(token))).toEqual({ ...passed, issuer: 'open', audience: 'open', scope: 'open' })
    expect(outcomes(await inspected(token, ...MATCHING))).toEqual({
      ...passed,
      issuer: 'met',
      audience: 'met',
      scope: 'met',
    })
  })

  it('has one of the audiences that are accepted instead of the resource, which need not be URLs (RFC 7519 §4.1.3)', async () => {
    const token = await issuer.jwt({ aud: 'orders-api' })
    const audienceOf = ({ checks }: Inspection) => checks.find(({ check }) => check === 'audience')
    const accepted = await inspected(token, ...MATCHING, '--audience', 'orders', '--audience', 'orders-api')
    expect(accepted.code).toBe(0)
    expect(audienceOf(accepted)).toMatchObject({ outcome: 'met', words: 'aud names orders or orders-api' })
    expect(audienceOf(await inspected(token, '--audience', 'orders-api'))).toMatchObject({ outcome: 'met' })
    expect(await inspected(await issuer.jwt(), ...MATCHING, '--audience', 'orders-api')).toMatchObject({
      code: 1,
      refusal: { reason: 'audience' },
    })
  })

  it.each([
    ['--resource', 'orders-api', 'here, that is --audience'],
    ['--audience', '', '--audience: '],
    ['--issuer', '', '--issuer: '],
  ])('is not checked against %s %j', async (option, value, message) => {
    const outcome = await bearward(['inspect', option, value], { input: await issuer.jwt() })
    expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) })
  })

  it.each([
    ['as the argument', (token: string) => bearward(['inspect', token])],
    ['on standard input, with a line end', (token: string) => bearward(['inspect'], { input: `${token}\r\n` })],
    ['on standard input, by a dash', (token: string) => bearward(['inspect', '-'], { input: token })],
    ['as a whole header', (token: string) => bearward(['inspect'], { input: `Authorization: Bearer ${token}` })],
    ['in quotes, as jq prints it', (token: string) => bearward(['inspect'], { input: `"${token}"\n` })],
  ])('%s', async (_name, run) => {
    expect(await run(await issuer.jwt())).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('the refusal is the one of a server (A9, N7)', () => {
  const now = Math.floor(Date.now() / 1000)
  const FAULTS: readonly (readonly [claims: Record<string, unknown>, header?: Record<string, unknown>])[] = [
    [{ iss: undefined }],
    [{ iss: 'https://auth.test/' }],
    [{}, { typ: 'logout+jwt' }],
    [{ nonce: 'n' }],
    [{ aud: undefined }],
    [{ aud: 'https://other.example' }],
    [{ jti: 1 }],
    [{ exp: undefined }],
    [{ exp: now - 100 }],
    [{ nbf: now + 100 }],
    [{ cnf: {} }],
  ]
  const pairs = FAULTS.flatMap((one, index) =>
    FAULTS.slice(index)
      .filter((other) => one === other || Object.keys(one[0])[0] !== Object.keys(other[0])[0])
      .map((other) => ({
        claims: { ...one[0], ...other[0] },
        header: { ...one[1], ...other[1] },
      })),
  )

  it.each(pairs)('claims $claims, header $header', async ({ claims, header }) => {
    const token = await issuer.jwt(claims, header)
    const { reason, description } = await createResourceServer(issuer.options)
      .verify(token)
      .catch((error) => error)
    const { code, refusal } = await inspected(token, ...MATCHING)
    expect([code, refusal]).toEqual([1, { reason, description }])
  })

  it('is open for an algorithm that is accepted only by option', async () => {
    const { code, checks } = await inspected(await issuer.jwt({}, { alg: 'ML-DSA-44' }), ...MATCHING)
    expect(code).toBe(0)
    expect(checks.find(({ check }) => check === 'algorithm')).toMatchObject({
      outcome: 'open',
      words: 'ML-DSA-44 is accepted only if the option algorithms lists it',
    })
  })

  it('also where no issuer is expected: a JWT without iss is refused by all', async () => {
    const { refusal, checks } = await inspected(await issuer.jwt({ iss: undefined }))
    expect(refusal?.reason).toBe('missing_claim')
    expect(checks.find(({ check }) => check === 'issuer')).toMatchObject({ outcome: 'refused', claim: 'iss' })
  })
})

describe('what would be refused, and why', () => {
  it.each([
    ['issuer', ['--issuer', 'https://auth.test/'], 'issuer'],
    ['audience', ['--resource', 'https://other.example'], 'audience'],
    ['scope', ['--scope', 'read:orders write:orders'], 'scope'],
    ['kind', ['--profile', 'rfc9068'], 'token_type'],
  ])('%s', async (check, args, reason) => {
    const token = await issuer.jwt({}, check === 'kind' ? { typ: 'JWT' } : {})
    const inspection = await inspected(token, ...args)
    expect(inspection).toMatchObject({ code: 1, refusal: { reason } })
    expect(inspection.checks.filter(({ outcome }) => outcome === 'refused')).toMatchObject([{ check, reason }])
  })

  /** What only the keys of the issuer can decide. */
  const NEEDS_KEYS = ['signature', 'unknown_key']
  const offline = (Object.keys(BAD_TOKENS) as BadToken[]).filter(
    (name) => !NEEDS_KEYS.includes(BAD_TOKENS[name]) && name !== 'other_algorithm',
  )

  it.each(offline)('the bad token %s', async (name) => {
    const { code, refusal } = await inspected(await issuer.bad(name), ...MATCHING)
    if (name === 'garbage') expect({ code, refusal }).toEqual({ code: 0, refusal: undefined })
    // It is checked as what it claims to be, and as a proof it contains no key.
    else if (name === 'dpop_proof') expect({ code, reason: refusal?.reason }).toEqual({ code: 1, reason: 'proof_key' })
    else expect({ code, reason: refusal?.reason }).toEqual({ code: 1, reason: BAD_TOKENS[name] })
  })
})

describe('kinds', () => {
  const kinds: Record<string, () => string | Promise<string>> = {
    access_token: () => issuer.jwt(),
    jwt: () => issuer.jwt({}, { typ: 'JWT' }),
    id_token: () => issuer.bad('id_token'),
    logout_token: () => issuer.bad('logout_token'),
    refresh_token: () => issuer.bad('refresh_token'),
    introspection_response: () => issuer.bad('introspection_response'),
    security_event: () => issuer.jwt({ events: { 'urn:example': {} } }, { typ: 'secevent+jwt' }),
    other_jwt: () => issuer.jwt({}, { typ: 'oauth-authz-req+jwt' }),
    encrypted: () => issuer.bad('encrypted'),
    opaque: () => issuer.opaque(),
    broken: () => 'two words',
  }
  it.each(Object.entries(kinds))('%s', async (kind, make) => {
    expect((await inspected(await make())).kind).toBe(kind)
  })

  it('a DPoP proof is checked as one, including its signature (D7, RFC 9449 §4.3)', async () => {
    const client = await createDpopClient()
    const request = { url: 'https://api.example.com/orders', token: 'token' }
    const good = await inspected(await client.proof(request))
    expect(good).toMatchObject({ code: 0, kind: 'dpop_proof' })
    expect(good.checks.map(({ outcome }) => outcome)).toEqual(['met', 'met', 'met', 'met'])
    expect(JSON.stringify(good.checks)).toContain(client.thumbprint)
    for (const name of [
      'old',
      'future',
      'no_id',
      'no_key',
      'private_key',
      'symmetric',
      'wrong_signature',
    ] satisfies BadProof[]) {
      const bad = await inspected(await client.badProof(name, request))
      expect(bad).toMatchObject({ code: 1, kind: 'dpop_proof', refusal: { reason: BAD_PROOFS[name] } })
    }
    const later = Date.now() / 1000 + 60
    for (const [claims, reason] of [
      [{ exp: 1 }, 'proof_time'],
      [{ nbf: later }, 'proof_time'],
      [{ padding: 'x'.repeat(8192) }, 'proof_too_large'],
    ] as const) {
      const bad = await inspected(await client.proof(request, claims))
      expect(bad, reason).toMatchObject({ code: 1, kind: 'dpop_proof', refusal: { reason } })
    }
  })
})

describe('no secrets in the output', () => {
  it('neither the token nor its signature is printed, in either format', async () => {
    for (const token of [
      await issuer.jwt(),
      issuer.opaque(),
      await issuer.bad('encrypted'),
      await issuer.bad('two_parts'),
    ]) {
      for (const args of [[], ['--json']]) {
        const { stdout, stderr } = await bearward(['inspect', ...args, token])
        for (const part of token.split('.')) expect(stdout + stderr).not.toContain(part)
      }
    }
  })

  it('a private key in a header is not shown', async () => {
    const client = await createDpopClient()
    const proof = await client.badProof('private_key', { url: 'https://api.example.com/', token: 'token' })
    const { jwk } = JSON.parse(Buffer.from(proof.split('.')[0] ?? '', 'base64url').toString()) as { jwk: { d: string } }
    for (const args of [[], ['--json']]) {
      const { stdout } = await bearward(['inspect', ...args], { input: proof })
      expect(stdout).toContain('[secret]')
      expect(stdout).not.toContain(jwk.d)
    }
  })

  it('claims cannot control the terminal', async () => {
    const evil = 'a\u001b[2J\u009b31m\u202e\u2028\u{e0041}z'
    const token = await issuer.jwt({ name: evil, [evil]: 1 }, { kid: evil })
    for (const args of [[], ['--json']]) {
      const { stdout } = await bearward(['inspect', ...args], { input: token })
      expect(stdout).toContain('\\u001b')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for them
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]|\u{e0041}/u)
    }
    expect((await inspected(token)).claims?.name).toBe(evil)
  })
})
