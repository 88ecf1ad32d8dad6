import { beforeAll, describe, expect, it } from 'vitest'
import { unavailable } from '../../../src/errors/refusal.ts'
import { createNonces } from '../../../src/sender-constraint/dpop/nonce.ts'
import { createProofVerifier } from '../../../src/sender-constraint/dpop/verify-proof.ts'
import { type Client, createClient, createUses, HTU, hashOf, NOW, outcomeOf, settingsWith, TOKEN } from './kit.ts'

let client: Client
let other: Client
beforeAll(async () => {
  client = await createClient()
  other = await createClient()
})

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

const partsOf = (proof: string) => proof.split('.') as [string, string, string]

describe('the twelve checks (D1, RFC 9449 §4.3), one changed at a time', () => {
  it('accepts a valid proof', async () => {
    expect(await outcomeOf(client, await client.prove())).toBe('good')
  })

  it('1: no DPoP header', async () => {
    expect(await outcomeOf(client, [])).toBe('proof_missing')
  })

  it('1: more than one DPoP header, also with two valid proofs or one twice', async () => {
    const [one, two] = [await client.prove(), await client.prove()]
    expect(await outcomeOf(client, [one, two])).toBe('several_proofs')
    expect(await outcomeOf(client, [one, one])).toBe('several_proofs')
    expect(await outcomeOf(client, [one, ''])).toBe('several_proofs')
    expect(await outcomeOf(client, `${one}, ${two}`)).toBe('several_proofs')
    expect(await outcomeOf(client, `${one},`)).toBe('several_proofs')
  })

  it('1: the JSON serialization of a proof, whose commas would look like several (RFC 7515 §7.2)', async () => {
    const [header, payload, signature] = partsOf(await client.prove())
    const json = JSON.stringify({ protected: header, payload, signature })
    expect(await outcomeOf(client, json)).toBe('several_proofs')
  })

  it.each([
    ['nothing', () => ''],
    ['two parts', (proof: string) => proof.slice(0, proof.lastIndexOf('.'))],
    ['four parts', (proof: string) => `${proof}.`],
    ['no signature', (proof: string) => proof.slice(0, proof.lastIndexOf('.') + 1)],
    ['no header', (proof: string) => proof.slice(proof.indexOf('.'))],
    ['a scheme in front', (proof: string) => `DPoP ${proof}`],
    ['padding', (proof: string) => proof.replace('.', '=.')],
    ['a space inside', (proof: string) => proof.replace('.', '. ')],
    ['a header that is not JSON', (proof: string) => proof.replace(/^[^.]*/, encode('{'))],
    ['a header that is an array', (proof: string) => proof.replace(/^[^.]*/, encode([]))],
    ['claims that are not JSON', (proof: string) => proof.replace(/\.[^.]*\./, `.${encode('jti')}.`)],
    ['claims that are null', (proof: string) => proof.replace(/\.[^.]*\./, `.${encode(null)}.`)],
    ['claims that are not UTF-8', (proof: string) => proof.replace(/\.[^.]*\./, '.eyJhIjoi_yJ9.')],
  ])('2: %s', async (_, broken) => {
    expect(await outcomeOf(client, broken(await client.prove()))).toBe('proof_malformed')
  })

  it.each([
    ['critical extension', { crit: ['exp'], exp: NOW + 60 }],
    ['payload that is not encoded (RFC 7797)', { crit: ['b64'], b64: false }],
    ['b64 of false without crit', { b64: false }],
  ])('2: a %s', async (_, header) => {
    expect(await outcomeOf(client, await client.prove({ header }))).toBe('proof_malformed')
  })

  it.each(['jti', 'htm', 'htu', 'iat', 'ath'])('3: without %s', async (name) => {
    expect(await outcomeOf(client, await client.prove({ claims: { [name]: undefined } }))).toBe('proof_claims')
  })

  it.each([
    ['an empty jti', { jti: '' }],
    ['a jti of 257 characters', { jti: 'x'.repeat(257) }],
    ['a jti that is a number', { jti: 1 }],
    ['a jti that is an array', { jti: ['x'] }],
    ['an htm that is an array', { htm: ['GET'] }],
    ['an htu that is an array', { htu: [HTU] }],
    ['an htu that is an object', { htu: { toString: HTU } }],
    ['an iat that is a string', { iat: String(NOW) }],
    ['an iat that is null', { iat: null }],
    ['an ath that is null', { ath: null }],
    ['an ath that is an array', { ath: [hashOf(TOKEN)] }],
  ])('3: %s', async (_, claims) => {
    expect(await outcomeOf(client, await client.prove({ claims }))).toBe('proof_claims')
  })

  it('3: an iat that JSON makes infinite', async () => {
    const payload = JSON.stringify({ jti: 'x', htm: 'GET', htu: HTU, iat: 0, ath: hashOf(TOKEN) })
    const infinite = payload.replace('"iat":0', '"iat":1e999')
    expect(await outcomeOf(client, await client.prove({ payload: infinite }))).toBe('proof_claims')
  })

  it.each([
    undefined,
    null,
    '',
    'JWT',
    'at+jwt',
    'dpop',
    'dpop+jwt ',
    'text/dpop+jwt',
    'application/application/dpop+jwt',
    ['dpop+jwt'],
  ])('4: typ %j', async (typ) => {
    expect(await outcomeOf(client, await client.prove({ header: { typ } }))).toBe('proof_type')
  })

  it.each([
    undefined,
    null,
    'none',
    'None',
    'HS256',
    'HS512',
    'RSA-OAEP',
    'dir',
    'es256',
    'ES256K',
    ['ES256'],
    '__proto__',
  ])('5: alg %j', async (alg) => {
    expect(await outcomeOf(client, await client.prove({ header: { alg } }))).toBe('proof_algorithm')
  })

  it('5: an algorithm that is not accepted', async () => {
    const strict = createProofVerifier(settingsWith({ algorithms: ['EdDSA'] }))
    expect(await outcomeOf(client, await client.prove(), {}, strict)).toBe('proof_algorithm')
  })

  it('6: another signature', async () => {
    const [header, payload] = partsOf(await client.prove())
    const [, , signature] = partsOf(await client.prove())
    expect(await outcomeOf(client, `${header}.${payload}.${signature}`)).toBe('proof_signature')
  })

  it('6: claims that were changed after signing', async () => {
    const [header, payload, signature] = partsOf(await client.prove())
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), jti: 'fresh' }
    expect(await outcomeOf(client, `${header}.${encode(claims)}.${signature}`)).toBe('proof_signature')
  })

  it('6: a signature of another key, under the key of the token', async () => {
    expect(await outcomeOf(client, await other.prove({ header: { jwk: client.jwk } }))).toBe('proof_signature')
  })

  it('7: a private key', async () => {
    expect(await outcomeOf(client, await client.prove({ header: { jwk: client.privateJwk } }))).toBe('proof_key')
  })

  it.each(['get', 'POST', 'HEAD', 'GET ', ' GET'])('8: htm %j for a GET', async (htm) => {
    expect(await outcomeOf(client, await client.prove({ claims: { htm } }))).toBe('proof_method')
  })

  it('8: a method in another case: methods are case-sensitive (RFC 9110 §9.1)', async () => {
    expect(await outcomeOf(client, await client.prove(), { method: 'get' })).toBe('proof_method')
  })

  it.each(['http://api.example.com/orders', 'https://evil.example/orders', `${HTU}/`, '/orders', `${HTU}\\`])(
    '9: htu %j',
    async (htu) => {
      expect(await outcomeOf(client, await client.prove({ claims: { htu } }))).toBe('proof_target')
    },
  )

  it('9: another request', async () => {
    expect(await outcomeOf(client, await client.prove(), { target: '/orders/1' })).toBe('proof_target')
  })

  it.each([-61, -60.001, 15.001, 16, 3600, -1e300])('11: an iat %d s from our time', async (seconds) => {
    expect(await outcomeOf(client, await client.prove({ claims: { iat: NOW + seconds } }))).toBe('proof_time')
  })

  it('11: any time, if our clock returns no number', async () => {
    const withoutClock = createProofVerifier(settingsWith({ clock: () => Number.NaN }))
    expect(await outcomeOf(client, await client.prove(), {}, withoutClock)).toBe('proof_time')
  })

  it('12: another token', async () => {
    expect(await outcomeOf(client, await client.prove({ claims: { ath: hashOf('another') } }))).toBe('proof_token')
    expect(await outcomeOf(client, await client.prove(), { token: 'another' })).toBe('proof_token')
    expect(await outcomeOf(client, await client.prove({ claims: { ath: `${hashOf(TOKEN)}=` } }))).toBe('proof_token')
    expect(await outcomeOf(client, await client.prove({ claims: { ath: TOKEN } }))).toBe('proof_token')
  })

  it('12: a key that the token is not bound to, which is an invalid token', async () => {
    const verifier = createProofVerifier(settingsWith())
    const lines = [await other.prove()]
    const request = { method: 'GET', target: '/orders', token: TOKEN }
    expect(await verifier.verify({ ...request, lines, jkt: client.jkt })).toMatchObject({
      kind: { name: 'InvalidToken' },
    })
    // Also for a key that was already seen with another token.
    await verifier.verify({ ...request, lines, jkt: other.jkt })
    expect(await outcomeOf(client, await other.prove(), {}, verifier)).toBe('confirmation')
  })
})

describe('nonces (RFC 9449 §4.3 check 10, §9)', () => {
  const nonces = createNonces({ secret: new Uint8Array(32).fill(1), rotate: 300, clock: () => NOW })
  const demanding = () => createProofVerifier(settingsWith({ nonces }))

  it.each([undefined, null, '', 'made-up', 1, ['x']])('requires a valid one for %j', async (nonce) => {
    const lines = [await client.prove({ claims: { nonce } })]
    const request = { lines, method: 'GET', target: '/orders', token: TOKEN, jkt: client.jkt }
    const refusal = await demanding().verify(request)
    expect(refusal).toMatchObject({ kind: { name: 'UseDpopNonce' }, reason: 'proof_nonce', status: 401 })
    expect(refusal?.details.nonce).toBe(await nonces.current())
  })

  it('accepts one that it issued, more than once', async () => {
    const nonce = await nonces.current()
    const verifier = demanding()
    expect(await outcomeOf(client, await client.prove({ claims: { nonce } }), {}, verifier)).toBe('good')
    expect(await outcomeOf(client, await client.prove({ claims: { nonce } }), {}, verifier)).toBe('good')
  })

  it('ignores one if none is required', async () => {
    expect(await outcomeOf(client, await client.prove({ claims: { nonce: ['any'] } }))).toBe('good')
  })

  it('does not accept one instead of the time', async () => {
    const claims = { nonce: await nonces.current(), iat: NOW - 100 }
    expect(await outcomeOf(client, await client.prove({ claims }), {}, demanding())).toBe('proof_time')
  })
})

describe('legal variants', () => {
  it.each(['dpop+jwt', 'DPoP+JWT', 'application/dpop+jwt', 'Application/DPOP+jwt'])(
    'typ %j (RFC 7515 §4.1.9)',
    async (typ) => {
      expect(await outcomeOf(client, await client.prove({ header: { typ } }))).toBe('good')
    },
  )

  it.each([-60, -10, 10, 15, 0.5])('an iat %d s from our time', async (seconds) => {
    expect(await outcomeOf(client, await client.prove({ claims: { iat: NOW + seconds } }))).toBe('good')
  })

  it.each([
    'HTTPS://API.example.com/orders',
    'https://api.example.com:443/orders',
    `${HTU}?page=1`,
    `${HTU}#top`,
    'https://api.example.com/%6Frders',
  ])('htu %j (RFC 3986 §6.2.2, RFC 9449 §4.3 check 9)', async (htu) => {
    expect(await outcomeOf(client, await client.prove({ claims: { htu } }))).toBe('good')
  })

  it('different queries in the request and the proof', async () => {
    const proof = await client.prove({ claims: { htu: `${HTU}?a` } })
    expect(await outcomeOf(client, proof, { target: '/orders?b' })).toBe('good')
  })

  it('whitespace around the proof (RFC 9110 §5.5)', async () => {
    expect(await outcomeOf(client, ` \t${await client.prove()} `)).toBe('good')
  })

  it('a jti of one character, of 256, and of other scripts', async () => {
    for (const jti of ['x', 'x'.repeat(256), '𐍈'.repeat(128)]) {
      expect(await outcomeOf(client, await client.prove({ claims: { jti } }))).toBe('good')
    }
  })

  it('unknown claims', async () => {
    const proof = await client.prove({ claims: { sub: 0, iss: 'x', aud: [], __proto__: { jti: 1 }, x: {} } })
    expect(await outcomeOf(client, proof)).toBe('good')
  })

  it('duplicate members: the last one wins, as the signer of both knows (RFC 7515 §4)', async () => {
    const claims = { jti: 'a', htm: 'GET', htu: HTU, iat: NOW, ath: hashOf(TOKEN) }
    const text = JSON.stringify(claims)
    const before = `{"htm":"POST",${text.slice(1)}`
    const after = `${text.slice(0, -1)},"htm":"POST"}`
    expect(await outcomeOf(client, await client.prove({ payload: before }))).toBe('good')
    expect(await outcomeOf(client, await client.prove({ payload: after }))).toBe('proof_method')
  })
})

describe('size', () => {
  it('is limited before anything is decoded', async () => {
    const proof = await client.prove()
    const at = (maxBytes: number) => createProofVerifier(settingsWith({ maxBytes }))
    expect(await outcomeOf(client, proof, {}, at(proof.length))).toBe('good')
    expect(await outcomeOf(client, proof, {}, at(proof.length - 1))).toBe('proof_too_large')
    expect(await outcomeOf(client, ','.repeat(1e6))).toBe('proof_too_large')
  })
})

describe('replays (RFC 9449 §11.1)', () => {
  it('refuses a used proof', async () => {
    const verifier = createProofVerifier(settingsWith())
    const proof = await client.prove()
    expect(await outcomeOf(client, proof, {}, verifier)).toBe('good')
    expect(await outcomeOf(client, proof, {}, verifier)).toBe('proof_replayed')
    expect(await outcomeOf(client, await client.prove(), {}, verifier)).toBe('good')
  })

  it('refuses another proof with the same jti, in any escaped form', async () => {
    const verifier = createProofVerifier(settingsWith())
    expect(await outcomeOf(client, await client.prove({ claims: { jti: 'a/b' } }), {}, verifier)).toBe('good')
    const rest = JSON.stringify({ htm: 'GET', htu: HTU, iat: NOW, ath: hashOf(TOKEN) }).slice(1)
    for (const spelling of ['a/b', 'a\\/b', '\\u0061/b', '\\u0061\\u002Fb']) {
      const proof = await client.prove({ payload: `{"jti":"${spelling}",${rest}` })
      expect(await outcomeOf(client, proof, {}, verifier)).toBe('proof_replayed')
    }
  })

  it('refuses the other ECDSA signature of the same text', async () => {
    const verifier = createProofVerifier(settingsWith())
    const proof = await client.prove()
    const [header, payload, signature] = partsOf(proof)
    const bytes = Buffer.from(signature, 'base64url')
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
    const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
    const respelled = `${header}.${payload}.${twin.toString('base64url')}`
    expect(await outcomeOf(client, respelled)).toBe('good')
    expect(await outcomeOf(client, proof, {}, verifier)).toBe('good')
    expect(await outcomeOf(client, respelled, {}, verifier)).toBe('proof_replayed')
  })

  it('accepts the same jti from two clients', async () => {
    const verifier = createProofVerifier(settingsWith())
    const changes = { claims: { jti: 'the same' } }
    expect(await outcomeOf(client, await client.prove(changes), {}, verifier)).toBe('good')
    expect(await outcomeOf(other, await other.prove(changes), {}, verifier)).toBe('good')
  })

  it('does not record a proof that is refused for another reason', async () => {
    const replay = createUses()
    const nonces = createNonces({ secret: new Uint8Array(32).fill(1), rotate: 300, clock: () => NOW })
    const verifier = createProofVerifier(settingsWith({ replay }))
    const demanding = createProofVerifier(settingsWith({ replay, nonces }))
    const proof = await client.prove()
    const [header, payload] = partsOf(proof)
    const [, , signature] = partsOf(await client.prove())
    const refused = [
      await outcomeOf(client, [proof, proof], {}, verifier),
      await outcomeOf(client, proof, { method: 'POST' }, verifier),
      await outcomeOf(client, proof, { target: '/' }, verifier),
      await outcomeOf(client, proof, { token: 'x' }, verifier),
      await outcomeOf(client, proof, { jkt: other.jkt }, verifier),
      await outcomeOf(client, `${header}.${payload}.${signature}`, {}, verifier),
      await outcomeOf(client, proof, {}, demanding),
    ]
    expect(refused).toEqual([
      'several_proofs',
      'proof_method',
      'proof_target',
      'proof_token',
      'confirmation',
      'proof_signature',
      'proof_nonce',
    ])
    expect(replay.seen).toEqual([])
    expect(await outcomeOf(client, proof, {}, verifier)).toBe('good')
  })

  it('refuses all proofs if uniqueness cannot be checked', async () => {
    const verifier = createProofVerifier(
      settingsWith({ replay: { firstUse: async () => unavailable('replay_unavailable') } }),
    )
    const lines = [await client.prove()]
    const request = { lines, method: 'GET', target: '/orders', token: TOKEN, jkt: client.jkt }
    expect(await verifier.verify(request)).toMatchObject({ kind: { name: 'Unavailable' }, status: 503 })
  })
})

it('says nothing of the proof in a refusal', async () => {
  const proof = await client.prove({ claims: { jti: 'canary', iat: NOW - 1000 } })
  const verifier = createProofVerifier(settingsWith())
  const request = { lines: [proof], method: 'GET', target: '/orders', token: TOKEN, jkt: client.jkt }
  const refusal = await verifier.verify(request)
  expect(refusal).toMatchObject({ kind: { name: 'InvalidDpopProof' } })
  expect(refusal?.details).toEqual({})
})
