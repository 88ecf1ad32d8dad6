import {
  type CryptoKey,
  calculateJwkThumbprint,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Program, runText } from '../examples/program.ts'
import { type Authority, type Internet, startInternet } from './internet.ts'
import { isProgram, readPage } from './pages.ts'
import { runProgram } from './run.ts'
import { kind } from './tokens/shape.ts'

// docs/dpop.md: its servers run with the documented options, its clients get a token and call them, and its table lists
// the responses.

const page = readPage('docs/dpop.md')
const programs = page.blocks.filter(isProgram)
const [accepting, demanding] = programs
const clients = page.blocks.filter(({ heading, language }) => heading === 'The client' && language === 'ts')
const SETTINGS = { CLIENT_SECRET: 'secret', DPOP_SECRET: 'a secret of thirty-two bytes, or of more' }
const URL_OF_ORDERS = 'https://api.example.com/orders'

interface Key {
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

let internet: Internet
let issuer: Authority
let key: Key
let token: string
const tokenFor = async (jwk: JWK | undefined, claims: Record<string, unknown> = {}): Promise<string> => {
  const cnf = jwk && { jkt: await calculateJwkThumbprint(jwk) }
  const base = { aud: 'https://api.example.com', sub: 'orders-app', client_id: 'orders-app', scope: 'read:orders' }
  return kind(issuer, base, { typ: 'at+jwt' })({ cnf, ...claims })
}

async function newKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  return { privateKey, jwk: await exportJWK(publicKey) }
}

beforeAll(async () => {
  internet = await startInternet()
  issuer = await internet.authority({
    issuer: 'https://auth.example.com',
    metadata: { token_endpoint: 'https://auth.example.com/token' },
  })
  // RFC 9449 §5: the token is bound to the key of the proof in the token request.
  internet.on('https://auth.example.com/token', async ({ headers }) => {
    const { jwk } = decodeProtectedHeader(String(headers.dpop))
    return { json: { access_token: await tokenFor(jwk), token_type: 'DPoP', expires_in: 600, scope: 'read:orders' } }
  })
  key = await newKey()
  token = await tokenFor(key.jwk)
})
afterAll(() => internet.stop())

interface ProofChanges {
  readonly by?: Key
  readonly claims?: Record<string, unknown>
}

async function proof({ by = key, claims = {} }: ProofChanges = {}): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  const ath = Buffer.from(digest).toString('base64url')
  const iat = Math.floor(Date.now() / 1000)
  return new SignJWT({ jti: crypto.randomUUID(), htm: 'GET', htu: URL_OF_ORDERS, iat, ath, ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: by.jwk })
    .sign(by.privateKey)
}

type Lines = readonly (readonly [string, string])[]
const bound = (...proofs: readonly string[]): Lines => [
  ['authorization', `DPoP ${token}`],
  ...proofs.map((one) => ['dpop', one] as const),
]

const REQUESTS: Readonly<Record<string, (program: Program) => Promise<Lines>>> = {
  'token and proof': async () => bound(await proof()),
  'a bearer token': async () => [['authorization', `Bearer ${await tokenFor(undefined)}`]],
  'the same proof again': async (program) => {
    const lines = bound(await proof())
    expect((await send(program, lines)).status).toBe(200)
    return lines
  },
  'the bound token as `Bearer`': async () => [['authorization', `Bearer ${token}`]],
  'no proof': async () => bound(),
  'two proofs': async () => bound(await proof(), await proof()),
  'a proof for another method': async () => bound(await proof({ claims: { htm: 'POST' } })),
  'a proof for another URL': async () => bound(await proof({ claims: { htu: 'https://api.example.com/payments' } })),
  'a proof for another token': async () => bound(await proof({ claims: { ath: 'x'.repeat(43) } })),
  'a proof of two minutes ago': async () =>
    bound(await proof({ claims: { iat: Math.floor(Date.now() / 1000) - 120 } })),
  'a proof made with another key': async () => bound(await proof({ by: await newKey() })),
  'a proof with a wrong signature': async () => {
    const { privateKey } = await newKey()
    return bound(await proof({ by: { privateKey, jwk: key.jwk } }))
  },
}

async function send(program: Program, lines: Lines): Promise<Response> {
  const headers = new Headers({ connection: 'close' })
  for (const [name, value] of lines) headers.append(name, value)
  return fetch(`${program.url}/orders`, { headers })
}

const rows = [...page.text.matchAll(/^\| (?<request>.+) \| (?<status>\d{3})(?: `(?<reason>\w+)`)? \|$/gm)].map(
  ({ groups }) => ({ request: groups?.request ?? '', status: Number(groups?.status), reason: groups?.reason }),
)

describe('the server that accepts proofs', () => {
  let program: Program
  beforeAll(async () => {
    if (accepting) program = await runProgram(accepting, internet, SETTINGS)
  })
  afterAll(() => program?.stop())

  it('has a request for every row of its table', () => {
    expect(rows.map(({ request }) => request).sort()).toEqual(Object.keys(REQUESTS).sort())
  })

  it.each(rows)('responds to $request with $status', async ({ request, status, reason }) => {
    const response = await send(program, (await REQUESTS[request]?.(program)) ?? [])
    const body = (await response.json()) as { reason?: string }
    expect({ status: response.status, reason: body.reason }).toEqual({ status, reason })
  })

  it('refuses bearer tokens for payments (RFC 9449 §7.2)', async () => {
    const authorization = `Bearer ${await tokenFor(undefined, { scope: 'write:orders' })}`
    const headers = { connection: 'close', authorization }
    const { status } = await fetch(`${program.url}/payments`, { method: 'POST', headers })
    expect(status).toBe(401)
  })
})

describe.each([
  ['that accepts proofs', accepting],
  ['that demands nonces', demanding],
])('the server %s', (_name, server) => {
  it.each(clients)('is called by the client at $at', async ({ at, text }) => {
    const program = server && (await runProgram(server, internet, SETTINGS))
    if (!program) throw new Error('there is no such program')
    try {
      const there = internet.detour({ 'https://api.example.com': program.url })
      const { code, output } = await runText(at.replaceAll(/\W+/g, '-'), `${there}\n${text}`, SETTINGS)
      expect(output.replaceAll(/\s+/g, ' ')).toContain('200 { orders: []') // Bun prints objects in several lines
      expect(code).toBe(0)
    } finally {
      await program.stop()
    }
  })
})

describe('the server that requires nonces', () => {
  it('sends one in the challenge, and the next with every good response (RFC 9449 §8.1, §8.2)', async () => {
    const program = demanding && (await runProgram(demanding, internet, SETTINGS))
    if (!program) throw new Error('there is no such program')
    try {
      const refused = await send(program, bound(await proof()))
      expect(refused.status).toBe(401)
      expect(refused.headers.get('www-authenticate')).toMatch(/^DPoP .*error="use_dpop_nonce"/)
      const nonce = refused.headers.get('dpop-nonce')
      const accepted = await send(program, bound(await proof({ claims: { nonce } })))
      expect(accepted.status).toBe(200)
      expect(accepted.headers.get('dpop-nonce')).toMatch(/^[\w-]{43}$/)
    } finally {
      await program.stop()
    }
  })
})

it('has two servers and two clients', () => {
  expect(programs).toHaveLength(2)
  expect(clients).toHaveLength(2)
})
