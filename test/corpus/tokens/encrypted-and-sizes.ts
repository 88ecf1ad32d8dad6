import { createCipheriv, publicEncrypt } from 'node:crypto'
import { encode, type Kit, partsOf, refused, type TokenFamily } from '../kit.ts'

/** A real JWE for the public key of the issuer (RFC 7516 §7.1): five parts that decrypt to a good token. */
function encrypted(kit: Kit, alg: string, header: Readonly<Record<string, unknown>>): string {
  const key = Buffer.alloc(32, 7)
  const protectedHeader = encode({ alg, enc: 'A256GCM', ...header })
  const vector = Buffer.alloc(12, 1)
  const cipher = createCipheriv('aes-256-gcm', key, vector).setAAD(Buffer.from(protectedHeader))
  const text = Buffer.concat([cipher.update(kit.token()), cipher.final()])
  const wrapped = publicEncrypt({ key: kit.rsa.publicKey, oaepHash: 'sha256' }, key)
  return [
    protectedHeader,
    ...[wrapped, vector, text, cipher.getAuthTag()].map((part) => part.toString('base64url')),
  ].join('.')
}

/** RFC 7516 §9: five parts are a JWE, and there is no key to decrypt one. */
export const jwe: TokenFamily = {
  family: 'encrypted and nested tokens (RFC 7516, RFC 7519 §5.2)',
  make: (kit) => [
    ...refused('encrypted', {
      'a JWE with RSA-OAEP-256': encrypted(kit, 'RSA-OAEP-256', { kid: 'kid-RS256' }),
      'a JWE with a nested JWT': encrypted(kit, 'RSA-OAEP-256', { cty: 'JWT', kid: 'kid-RS256' }),
      'a JWE that says at+jwt': encrypted(kit, 'RSA-OAEP-256', { typ: 'at+jwt' }),
      'a JWE with dir and an empty key': encrypted(kit, 'dir', {}).replace(/\.[^.]+\./, '..'),
      'a JWE that says ES256': encrypted(kit, 'ES256', {}),
    }),
    ...refused('malformed', {
      'a JWT inside a JWT': kit.token({ header: kit.header({ cty: 'JWT' }), claims: kit.token() }),
      'a JWT inside a JWT, as a JSON text': kit.token({ claims: JSON.stringify(kit.token()) }),
      'a JWE as claims': kit.token({ header: kit.header({ cty: 'JWT' }), claims: encrypted(kit, 'dir', {}) }),
      'five parts with a good header': `${kit.token()}.AAAA.AAAA`,
    }),
    ...refused('algorithm', {
      'the header of a JWE and three parts': kit.token({ header: { alg: 'RSA-OAEP-256', enc: 'A256GCM' } }),
      'dir and three parts': kit.token({ header: { alg: 'dir', enc: 'A256GCM' } }),
    }),
    ...refused('missing_claim', {
      'a JWT inside a claim': kit.token({ claims: { token: kit.token() } }),
    }),
  ],
}

/** RFC 8725bis: limits before anything is decoded. */
export const sizes: TokenFamily = {
  family: 'sizes (RFC 8725bis §3.14)',
  make(kit) {
    const claims = (length: number) => {
      const json = JSON.stringify(kit.claims({ x: '' }))
      return json.replace('"x":""', `"x":"${'x'.repeat(length)}"`)
    }
    const header = (length: number) => kit.header({ x: 'x'.repeat(length) })
    const [, goodClaims, signature] = partsOf(kit.token())
    return [
      ...refused('token_too_large', {
        'one character over the limit': exactly(kit, 8193),
        'ten thousand letters': 'a'.repeat(10_000),
        'twelve thousand dots': '.'.repeat(12_000),
        'nine thousand equals signs after a letter': `a${'='.repeat(9000)}`,
        'a good signature over claims of nine thousand characters': kit.token({ claims: claims(9000) }),
        'a good token and a long tail': `${kit.token()}.${'A'.repeat(8192)}`,
        'a header over its limit': kit.token({ header: header(1600) }),
        'a header of four thousand characters': kit.token({ header: header(3000) }),
        'a header over its limit that is no JSON': `${'A'.repeat(2049)}.${goodClaims}.${signature}`,
        'a header over its limit that is no base64url': `${'~'.repeat(2049)}.${goodClaims}.${signature}`,
      }),
      ...refused('malformed', {
        'as many letters as the limit': 'a'.repeat(8192),
        'as many dots as the limit': '.'.repeat(8192),
        'two thousand dots': '.'.repeat(2000),
        'a header at its limit that is no JSON': `${'A'.repeat(2048)}.${goodClaims}.${signature}`,
        'a long signature over no claims': `${encode(kit.header())}..${'A'.repeat(6000)}`,
        'claims of six thousand brackets': kit.token({ claims: '['.repeat(5500) }),
      }),
      ...refused('signature', {
        'a signature of five thousand characters': `${encode(kit.header())}.${goodClaims}.${'A'.repeat(5000)}`,
      }),
    ]
  },
}

/** A good token with exactly this many characters. */
export function exactly(kit: Kit, length: number): string {
  for (let spare = 0; spare < 8; spare++) {
    const base = kit.token({ claims: kit.claims({ x: '' }), header: JSON.stringify(kit.header()) + ' '.repeat(spare) })
    const missing = length - base.length
    for (let extra = Math.floor((missing * 3) / 4) - 2; extra < (missing * 3) / 4 + 3; extra++) {
      const token = kit.token({
        claims: kit.claims({ x: 'x'.repeat(extra) }),
        header: JSON.stringify(kit.header()) + ' '.repeat(spare),
      })
      if (token.length === length) return token
    }
  }
  throw new Error(`no token of ${length} characters`)
}
