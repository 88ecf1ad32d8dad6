import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { useBench } from '../introspection/kit.ts'
import { createStub } from '../introspection/stub.ts'
import { activeResponse } from '../support/issuer/introspection-endpoint.ts'
import { send } from '../support/upstream/requests.ts'

// An endpoint may check less of a JWT than we do. A forged JWT must never be accepted because the endpoint calls it active.

const bench = useBench()

const encoded = (text: string | Buffer) => Buffer.from(text).toString('base64url')
const HEADER = '{"alg":"ES256","typ":"at+jwt"}'

/** A disguised JWT that names the trusted issuer, without a valid signature. */
const DISGUISES: Readonly<Record<string, (claims: string) => string>> = {
  'no disguise': (claims) => `${encoded(HEADER)}.${claims}.AAAA`,
  'white space before the header': (claims) => `${encoded(' '.repeat(48) + HEADER)}.${claims}.AAAA`,
  'a byte order mark before the header': (claims) => `${encoded(`\ufeff${HEADER}`)}.${claims}.AAAA`,
  'a header in UTF-16': (claims) => `${encoded(Buffer.from(HEADER, 'utf16le'))}.${claims}.AAAA`,
  'a header in UTF-16, the other way round': (claims) =>
    `${encoded(Buffer.from(HEADER, 'utf16le').swap16())}.${claims}.AAAA`,
  'an alg that is spelled with an escape': (claims) => `${encoded('{"\\u0061lg":"none"}')}.${claims}.AAAA`,
  'a dot at the end': (claims) => `${encoded(HEADER)}.${claims}.AAAA.`,
  'two dots at the end': (claims) => `${encoded(HEADER)}.${claims}.AAAA..`,
  'a dot at the beginning': (claims) => `.${encoded(HEADER)}.${claims}.AAAA`,
  'several dots at the beginning': (claims) => `...${encoded(HEADER)}.${claims}.AAAA`,
  'no signature': (claims) => `${encoded(HEADER)}.${claims}`,
  'an empty signature': (claims) => `${encoded(HEADER)}.${claims}.`,
}

describe('a forged JWT of an issuer whose keys we have is rejected without introspection (RFC 9068 §4)', () => {
  for (const [what, disguise] of Object.entries(DISGUISES)) {
    it(`${what}: 401, and no request to the endpoint, which would call it active`, async () => {
      const stub = createStub(() => activeResponse())
      const server = bench.server({}, {}, { fetch: stub.fetch })
      const claims = encoded(JSON.stringify({ iss: bench.issuer.url, aud: 'https://api.example.com', nonce: 'n' }))
      expect((await send(server, disguise(claims))).status).toBe(401)
      expect(stub.total()).toBe(0)
    })
  }

  it('opaque tokens with dots, and JWE, are introspected as usual', async () => {
    const stub = createStub(() => activeResponse())
    const server = bench.server({}, {}, { fetch: stub.fetch })
    const jwe = `${encoded('{"alg":"dir","enc":"A256GCM"}')}..AAAA.AAAA.AAAA`
    for (const token of ['v1.abc', 'a.b.c', `${encoded('{"id":7}')}.YyXX.AAAA`, jwe]) {
      expect((await send(server, token)).status, token).toBe(200)
    }
    expect(stub.total()).toBe(4)
  })
})

describe('an active introspection response for a token of another kind (RFC 7662 §4)', () => {
  for (const member of ['nonce', 'at_hash', 'c_hash', 'events', 'htm']) {
    it(`with ${member}, which only other kinds have: 401 token_type`, async () => {
      const stub = createStub(() => activeResponse({ [member]: 'x' }))
      const server = bench.server({}, { keys: null }, { fetch: stub.fetch })
      expect(await send(server, 'token')).toMatchObject({ status: 401, reason: 'token_type' })
    })
  }
})
