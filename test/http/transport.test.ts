import { createResourceServer } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isLoopback, isTransportSecure } from '../../src/util/secure-url.ts'
import { createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { reroute } from '../support/upstream/fetch.ts'
import { send } from '../support/upstream/requests.ts'

const HTTPS = { issuer: 'https://auth.example.com', plainHttpOrigins: [] }
const LOOPBACK = { issuer: 'http://127.0.0.1:8080', plainHttpOrigins: [] }
const INTERNAL = { issuer: 'https://auth.example.com', plainHttpOrigins: ['http://keycloak:8080'] }

describe('where keys may be fetched from', () => {
  const CASES: readonly [string, Parameters<typeof isTransportSecure>[1], boolean][] = [
    ['https://keys.example.net/k', HTTPS, true],
    ['http://keys.example.net/k', HTTPS, false],
    ['http://auth.example.com/k', HTTPS, false],
    ['http://127.0.0.1/k', HTTPS, false],
    ['http://localhost/k', HTTPS, false],
    ['ftp://auth.example.com/k', HTTPS, false],
    ['data:application/json,{}', HTTPS, false],
    ['file:///etc/passwd', HTTPS, false],
    ['http://127.0.0.1:9/k', LOOPBACK, true],
    ['http://[::1]:9/k', LOOPBACK, true],
    ['http://localhost:9/k', LOOPBACK, true],
    ['http://169.254.169.254/k', LOOPBACK, false],
    ['http://127.0.0.1.example.com/k', LOOPBACK, false],
    ['http://localhost.example.com/k', LOOPBACK, false],
    ['http://keycloak:8080/certs', INTERNAL, true],
    ['http://keycloak:8081/certs', INTERNAL, false],
    ['http://keycloak.example.com:8080/certs', INTERNAL, false],
  ]
  for (const [url, place, allowed] of CASES) {
    it(`${url} for ${place.plainHttpOrigins[0] ?? place.issuer}: ${allowed ? 'yes' : 'no'}`, () => {
      expect(isTransportSecure(url, place)).toBe(allowed)
    })
  }

  it('other spellings of loopback are the same host once they are parsed', () => {
    expect(isLoopback(new URL('http://0x7f.1/').hostname)).toBe(true)
    expect(isLoopback(new URL('http://LOCALHOST/').hostname)).toBe(true)
    expect(isLoopback(new URL('http://0.0.0.0/').hostname)).toBe(false)
  })
})

describe('an https issuer whose metadata has a jwks_uri', () => {
  const NAME = 'https://auth.example.com'
  let issuer: TestIssuer
  beforeEach(async () => {
    issuer = await createTestIssuer({ alg: 'ES256' })
  })
  afterEach(() => issuer.stop())

  const outcomeWith = async (jwksUri: string) => {
    issuer.onMetadata = (_request, response) => json(response, { issuer: NAME, jwks_uri: jwksUri })
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: NAME,
      fetch: reroute({ [NAME]: issuer.url, 'https://keys.example.net': issuer.url }),
    })
    return { ...(await send(server, await issuer.sign({ iss: NAME }))), keys: server.state().issuers[0]?.keys }
  }

  it('over https at another host: fetched', async () => {
    expect((await outcomeWith('https://keys.example.net/jwks')).status).toBe(200)
  })

  const INSECURE = [
    'http://auth.example.com/jwks',
    'http://127.0.0.1/jwks',
    'ftp://auth.example.com/jwks',
    'https://user@auth.example.com/jwks',
    'https://user:secret@auth.example.com/jwks',
  ]
  for (const uri of INSECURE) {
    it(`${uri}: 503 without a request`, async () => {
      const { status, keys } = await outcomeWith(uri)
      expect(status).toBe(503)
      expect(keys?.lastError?.code).toBe('insecure_url')
      expect(String(keys?.lastError?.message)).not.toContain('secret')
      expect(issuer.hits.keys).toBe(0)
    })
  }

  for (const uri of ['', '/jwks', 'jwks', '//auth.example.com/jwks']) {
    it(`"${uri}", which is not an absolute URL: 503`, async () => {
      expect((await outcomeWith(uri)).keys?.lastError?.code).toBe('shape')
    })
  }
})
