import { createResourceServer, type IssuerOptions } from 'bearward'
import { CompactEncrypt } from 'jose'
import { describe, expect, it } from 'vitest'
import { activeResponse, CLIENT } from '../support/issuer/introspection-endpoint.ts'
import { createSigningKey, RESOURCE } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'
import { useBench } from './kit.ts'

// M3: a token is either a JWT of a trusted issuer and verified locally, or opaque and introspected. Never one
// after the other: the endpoint in these tests accepts everything, so that a wrong route is detected.

const bench = useBench()

const credulous = (issuer: Partial<IssuerOptions> = {}) => {
  bench.endpoint.reply = (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(activeResponse()))
  return bench.server({}, issuer)
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const changed = (text: string): string => `${text[0] === 'A' ? 'B' : 'A'}${text.slice(1)}`

/** Invalid JWTs of the issuer that are recognizable as JWTs. */
const BAD_JWTS: Readonly<Record<string, (good: string) => string | Promise<string>>> = {
  'another signature': async () =>
    bench.issuer.sign({}, {}, await createSigningKey('ES256', bench.issuer.keys[0]?.kid)),
  'a signature of another token': async (good) => {
    const [header, payload] = good.split('.')
    return `${header}.${payload}.${(await bench.issuer.sign({ sub: 'x' })).split('.')[2]}`
  },
  'a changed payload': (good) => {
    const [header, , signature] = good.split('.')
    return `${header}.${part({ iss: bench.issuer.url, aud: RESOURCE, exp: 4e9, sub: 'admin' })}.${signature}`
  },
  'no signature (RFC 7515 §7.1)': (good) => good.slice(0, good.lastIndexOf('.') + 1),
  'alg none (RFC 8725 §3.1)': (good) => `${part({ alg: 'none' })}.${good.split('.')[1]}.`,
  'alg none with a signature': (good) =>
    `${part({ alg: 'none', typ: 'at+jwt' })}.${good.split('.').slice(1).join('.')}`,
  'alg HS256': (good) => `${part({ alg: 'HS256' })}.${good.split('.').slice(1).join('.')}`,
  'no alg': (good) => `${part({ typ: 'at+jwt' })}.${good.split('.').slice(1).join('.')}`,
  'a critical extension (RFC 7515 §4.1.11)': (good) =>
    `${part({ alg: 'ES256', crit: ['x'], x: 1 })}.${good.split('.').slice(1).join('.')}`,
  'a signature in non-canonical base64 (RFC 4648 §3.5)': (good) => `${good.slice(0, -1)}${twin(good)}`,
  'a payload in non-canonical base64 (RFC 4648 §3.5)': (good) => {
    const [header, , signature] = good.split('.')
    // The length leaves unused bits at the end.
    const payload = Buffer.from(JSON.stringify({ iss: bench.issuer.url }).padEnd(100)).toString('base64url')
    return `${header}.${payload.slice(0, -1)}${twin(payload)}.${signature}`
  },
  'a header in non-canonical base64 (RFC 4648 §3.5)': (good) => {
    const header = Buffer.from(JSON.stringify({ alg: 'ES256', kid: bench.issuer.keys[0]?.kid }).padEnd(61)).toString(
      'base64url',
    )
    return `${header.slice(0, -1)}${twin(header)}.${good.split('.').slice(1).join('.')}`
  },
  'a header with leading whitespace': (good) => {
    const header = Buffer.from(` \n${JSON.stringify({ alg: 'ES256', kid: bench.issuer.keys[0]?.kid })}`)
    return `${header.toString('base64url')}.${good.split('.').slice(1).join('.')}`
  },
  'a payload that is not JSON': (good) => `${good.split('.')[0]}.${'A'.repeat(40)}.${good.split('.')[2]}`,
  'a payload that is a list': (good) => `${good.split('.')[0]}.${part([])}.${good.split('.')[2]}`,
  'a truncated signature': (good) => good.slice(0, -10),
  'an expired one': () => bench.issuer.sign({ exp: 1 }),
  'another audience': () => bench.issuer.sign({ aud: 'https://other.example' }),
  'an unknown key': () => bench.issuer.sign({}, { kid: 'unknown' }),
  'an ID token': () => bench.issuer.sign({ nonce: 'n' }, { typ: 'JWT' }),
}

/** The other character for the same bits at the end of 64 bytes: its last four bits are unused. */
function twin(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(text.at(-1) ?? '') ^ 1] ?? ''
}

describe('an invalid JWT of the issuer is 401 and not introspected (RFC 9068 §4)', () => {
  for (const [what, make] of Object.entries(BAD_JWTS)) {
    it(what, async () => {
      const good = await bench.issuer.sign()
      const server = credulous()
      expect((await send(server, good)).status).toBe(200)
      const bad = await make(good)
      expect(bad).not.toBe(good)
      const outcome = await send(server, bad)
      expect(outcome.status, outcome.reason).toBe(401)
      expect(bench.endpoint.calls()).toBe(0)
    })
  }

  it('a changed first character of the header makes it opaque or invalid, but never accepted without introspection', async () => {
    bench.endpoint.reply = bench.endpoint.respondByToken
    const outcome = await send(bench.server(), changed(await bench.issuer.sign()))
    expect(outcome.status).toBe(401)
  })

  it('while keys are unavailable: 503, and the endpoint is not used instead', async () => {
    bench.issuer.onKeys = (_request, response) => response.writeHead(500).end()
    expect(await send(credulous(), await bench.issuer.sign())).toMatchObject({
      status: 503,
      reason: 'keys_unavailable',
    })
    expect(bench.endpoint.calls()).toBe(0)
  })
})

describe('a JWT of an untrusted issuer is 401 and not introspected (M1)', () => {
  it.each(['https://stranger.example', '', 'x', null, 7, true, ['x'], {}].map((iss) => [iss]))(
    'iss %j',
    async (iss) => {
      const server = credulous()
      expect(await send(server, await bench.issuer.sign({ iss }))).toMatchObject({ status: 401, reason: 'issuer' })
      expect(bench.endpoint.calls()).toBe(0)
      expect(bench.issuer.hits).toEqual({ metadata: 0, keys: 0, other: 0 })
    },
  )
})

/** Tokens that are not JWTs we could verify locally. */
const OPAQUE: Readonly<Record<string, () => string | Promise<string>>> = {
  'random characters': () => 'mF_9.B5f-4.1JqM',
  'one word': () => 'SlAV32hkKG',
  'a UUID': () => crypto.randomUUID(),
  'every character of a token68': () => 'AZaz09-._~+/x==',
  'one dot': () => 'a.b',
  'two dots, and no JSON before the first': () => 'abc.def.ghi',
  'a header that is a list': () => `${part([])}.${part({})}.AAAA`,
  'a header that is a string': () => `${part('x')}.${part({})}.AAAA`,
  'five parts': () => 'a.b.c.d.e',
  'only dots': () => '...',
  'the header of a JWT alone': () => `.${part({ alg: 'ES256' })}`,
  'a first part that speaks of an alg, and is no object': () => `${part('alg')}.${part({ iss: 1 })}`,
  'a JWE (RFC 7516 §7.1)': () =>
    new CompactEncrypt(new TextEncoder().encode('{}'))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(new Uint8Array(32)),
  'a JWS without iss': () => bench.issuer.sign({ iss: undefined }),
}

/** Why those are refused that are JWTs of a kind. */
const NO_JWT: Readonly<Record<string, string>> = {
  'a JWE (RFC 7516 §7.1)': 'encrypted',
  'a JWS without iss': 'missing_claim',
}

describe('anything other than a JWT of an issuer is opaque', () => {
  for (const [what, make] of Object.entries(OPAQUE)) {
    it(`${what}: introspected once, and the response decides`, async () => {
      const token = await make()
      const server = credulous()
      expect((await server.verify(token)).format).toBe('opaque')
      expect(bench.endpoint.calls(token)).toBe(1)
      bench.endpoint.reply = bench.endpoint.respondByToken
      expect(await send(bench.server(), token)).toMatchObject({ status: 401, reason: 'inactive' })
      expect(bench.issuer.hits.keys).toBe(0)
    })

    const reason = NO_JWT[what] ?? 'malformed'
    it(`${what}: 401 ${reason} if no issuer accepts opaque tokens`, async () => {
      const server = createResourceServer({ resource: RESOURCE, issuer: bench.issuer.url })
      expect(await send(server, await make())).toMatchObject({ status: 401, reason })
      expect(bench.issuer.hits).toEqual({ metadata: 0, keys: 0, other: 0 })
    })
  }

  it.each(['a b', 'a b.c', 'ä', 'ä.b', 'a=b', '=', ''])(
    '%j is not: refused and not introspected (RFC 6750 §2.1)',
    async (text) => {
      const server = credulous()
      await expect(server.verify(text)).rejects.toMatchObject({ status: 401, reason: 'malformed' })
      expect(bench.endpoint.calls()).toBe(0)
    },
  )

  it('a token over the limit is 401 and not introspected (R5)', async () => {
    const server = credulous()
    expect(await send(server, 'x'.repeat(8193))).toMatchObject({ status: 401, reason: 'token_too_large' })
    expect((await send(server, 'x'.repeat(8192))).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(1)
  })
})

describe('keys: null', () => {
  it('every token of the issuer is introspected, and its keys are never loaded', async () => {
    const server = bench.server({}, { keys: null })
    const [signed, unsigned] = [await bench.issuer.sign(), bench.opaque()]
    bench.endpoint.responses.set(signed, activeResponse({ sub: 'from the endpoint' }))
    expect(await server.verify(signed)).toMatchObject({ format: 'opaque', subject: 'from the endpoint' })
    expect((await server.verify(unsigned)).format).toBe('opaque')
    expect(await send(server, await bench.issuer.sign())).toMatchObject({ status: 401, reason: 'inactive' })
    await server.ready()
    expect(bench.issuer.hits).toEqual({ metadata: 0, keys: 0, other: 0 })
    expect(server.state().issuers[0]?.keys.status).toBe('none')
    expect(server.state().ready).toBe(true)
  })

  it('whatever algorithm they are signed with; of another issuer, it decides (RFC 8725 §3.1)', async () => {
    const symmetric = (iss: string) => `${part({ alg: 'HS256' })}.${part({ iss, aud: RESOURCE, exp: 4e9 })}.AAAA`
    const server = credulous({ keys: null })
    expect((await server.verify(symmetric(bench.issuer.url))).format).toBe('opaque')
    expect(bench.endpoint.calls()).toBe(1)
    await expect(server.verify(symmetric('https://stranger.example'))).rejects.toMatchObject({ reason: 'algorithm' })
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('a foreign JWT is still 401, and not introspected (M1)', async () => {
    const server = credulous({ keys: null })
    const stranger = await bench.issuer.sign({ iss: 'https://stranger.example' })
    expect(await send(server, stranger)).toMatchObject({ status: 401, reason: 'issuer' })
    expect(bench.endpoint.calls()).toBe(0)
  })

  it('among several issuers, its JWTs go to its own endpoint', async () => {
    const own = bench.endpoint
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: [
        { issuer: 'https://other.example', introspection: { endpoint: `${own.origin}/wrong`, client: CLIENT } },
        {
          issuer: bench.issuer.url,
          keys: null,
          tokenPrefix: 'own_',
          introspection: { endpoint: own.url, client: CLIENT, deadline: 5 },
        },
      ],
    })
    const token = await bench.issuer.sign()
    own.responses.set(token, activeResponse())
    expect((await server.verify(token)).issuer).toBe(bench.issuer.url)
    expect(own.strays).toEqual([])
  })
})
