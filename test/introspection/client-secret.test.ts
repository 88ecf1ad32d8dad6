import { describe, expect, it } from 'vitest'
import { basic, formEncoded } from '../support/issuer/introspection-endpoint.ts'
import { send } from '../support/upstream/requests.ts'
import { useBench } from './kit.ts'

// I1: client_secret_basic and client_secret_post.

const bench = useBench()

/** Client identifiers and secrets, and the expected credentials before base64, written by hand. */
const SECRETS: Readonly<Record<string, readonly [clientId: string, clientSecret: string, joined: string]>> = {
  'letters and digits': ['orders-api', 'S3cret_.*', 'orders-api:S3cret_.*'],
  'a colon in the identifier': ['https://api.example.com/', 's', 'https%3A%2F%2Fapi.example.com%2F:s'],
  'a colon in the secret': ['id', 'a:b', 'id:a%3Ab'],
  'a plus': ['i+d', 'a+b', 'i%2Bd:a%2Bb'],
  'a percent sign': ['i%d', '100%2B', 'i%25d:100%252B'],
  spaces: ['my client', ' a b ', 'my+client:+a+b+'],
  umlauts: ['Käse', 'Ärger', 'K%C3%A4se:%C3%84rger'],
  'characters outside the BMP': ['🐻', '€', '%F0%9F%90%BB:%E2%82%AC'],
  'URL punctuation': ['a&b=c', "~!'()/?#", 'a%26b%3Dc:%7E%21%27%28%29%2F%3F%23'],
}

describe('client_secret_basic', () => {
  for (const [what, [clientId, clientSecret, joined]] of Object.entries(SECRETS)) {
    it(`${what}: both parts are form-encoded, then joined, then base64 (RFC 6749 §2.3.1)`, async () => {
      // Both notations agree; the endpoint of all other tests relies on one of them.
      expect(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toBe(joined)
      bench.endpoint.accepts = ({ headers }) => headers.authorization === basic(clientId, clientSecret)
      const client = { method: 'client_secret_basic', clientId, clientSecret } as const
      expect((await send(bench.server({ client }), bench.opaque())).status).toBe(200)
      const [, encoded = ''] = bench.endpoint.requests[0]?.headers.authorization?.split(' ') ?? []
      expect(Buffer.from(encoded, 'base64').toString('latin1')).toBe(joined)
    })
  }

  it('leaves identifier and secret out of the body (RFC 6749 §2.3)', async () => {
    await send(bench.server(), bench.opaque())
    expect([...(bench.endpoint.requests[0]?.form.keys() ?? [])]).toEqual(['token', 'token_type_hint'])
  })
})

describe('client_secret_post', () => {
  for (const [what, [clientId, clientSecret]] of Object.entries(SECRETS)) {
    it(`${what}: both are body parameters, and there is no Authorization header (RFC 6749 §2.3.1)`, async () => {
      bench.endpoint.accepts = () => true
      const client = { method: 'client_secret_post', clientId, clientSecret } as const
      const token = bench.opaque()
      expect((await send(bench.server({ client }), token)).status).toBe(200)
      const [request] = bench.endpoint.requests
      expect(request?.headers.authorization).toBeUndefined()
      expect(Object.fromEntries(request?.form ?? [])).toEqual({
        token,
        token_type_hint: 'access_token',
        client_id: clientId,
        client_secret: clientSecret,
      })
    })
  }
})
