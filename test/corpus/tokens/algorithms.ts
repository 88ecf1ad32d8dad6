import { createHmac, type KeyObject } from 'node:crypto'
import { ALGORITHMS, signAs } from '../keys.ts'
import { encode, type Kit, refused, signed, type TokenCase, type TokenFamily, withHeader } from '../kit.ts'

const named = (values: readonly string[]): Record<string, string> =>
  Object.fromEntries(values.map((value) => [JSON.stringify(value), value]))

/** RFC 8725 §3.1: an exact list; nothing else is accepted. */
export const unknownAlgorithms: TokenFamily = {
  family: 'alg outside of the list (RFC 8725 §3.1)',
  make: (kit) => [
    ...withHeader(kit, 'alg', 'algorithm', {
      missing: undefined,
      null: null,
      'a number': 256,
      true: true,
      'a list': ['ES256'],
      'an object': { name: 'ES256' },
      ...named(['', ' ', 'ES256 ', ' ES256', 'es256', 'Es256', 'ES256\0', 'ES256,RS256', 'ES-256', 'ES257', 'ES128']),
      ...named(['ES', 'ES256K', 'ESB256', 'ES256\u200b', 'ЕS256', 'RS1', 'RS257', 'rs256', 'RSA', 'PS1', 'ps256']),
      ...named(['eddsa', 'EDDSA', 'ed25519', 'ED25519', 'Ed448', 'Ed25519ph', 'X25519', 'SHA256withECDSA']),
      ...named(['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87', 'SLH-DSA-SHA2-128s', 'FN-DSA-512']),
      ...named(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'undefined', 'null', '*']),
      ...named(['RSA1_5', 'RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A128KW', 'A128KW', 'A256GCMKW', 'dir']),
      ...named(['PBES2-HS256+A128KW', 'A128GCM', 'A128CBC-HS256', 'HPKE-0', 'BP256R1', 'ECMR']),
    }),
    {
      name: 'alg inside a __proto__ member',
      token: kit.token({ header: '{"__proto__":{"alg":"ES256","kid":"kid-ES256"},"typ":"at+jwt"}' }),
      reason: 'algorithm',
    },
    {
      name: 'alg twice, the last one none (RFC 7515 §4)',
      token: kit.token({ header: '{"alg":"ES256","kid":"kid-ES256","typ":"at+jwt","alg":"none"}' }),
      reason: 'algorithm',
    },
  ],
}

/** RFC 8725 §2.1, §3.2: `none` is refused in every spelling. */
export const none: TokenFamily = {
  family: 'alg none (RFC 8725 §2.1, RFC 7518 §3.6)',
  make(kit) {
    const spellings = ['none', 'None', 'NONE', 'nOnE', 'noNe', ' none', 'none ', 'none\0', 'nоne', 'n\u200bone']
    return [
      ...refused(
        'algorithm',
        Object.fromEntries(
          spellings.flatMap((alg) => {
            const header = kit.header({ alg, kid: undefined })
            return [
              [`${JSON.stringify(alg)} without signature`, `${encode(header)}.${encode(kit.claims())}.`],
              [`${JSON.stringify(alg)} with a good signature`, kit.token({ header })],
            ]
          }),
        ),
      ),
      ...refused('algorithm', {
        'none and the kid of a good key': `${encode(kit.header({ alg: 'none' }))}.${encode(kit.claims())}.`,
        'none and one character of signature': `${encode(kit.header({ alg: 'none' }))}.${encode(kit.claims())}.AA`,
      }),
      ...refused('malformed', {
        'none in two parts': `${encode({ alg: 'none' })}.${encode(kit.claims())}`,
      }),
    ]
  },
}

/** RFC 8725 §2.1: public bytes as the secret of a MAC, in every text form of a key. */
export const publicKeyAsSecret: TokenFamily = {
  family: 'HS* with a public key as secret (RFC 8725 §2.1)',
  make(kit) {
    const { publicKey, jwk } = kit.signers.RS256
    const secrets = { ...formsOf(publicKey), ...jsonForms(jwk) }
    const cases = Object.entries(secrets).flatMap(([form, secret], index) =>
      [256, 384, 512]
        .filter((size) => index < 2 || size === 256)
        .map((size) => [`HS${size} with ${form}`, mac(kit, size, secret, 'kid-RS256')] as const),
    )
    return refused('algorithm', {
      ...Object.fromEntries(cases),
      'HS256 with the PEM of the EC key': mac(kit, 256, pem(kit.signers.ES256.publicKey), 'kid-ES256'),
      'HS256 with the x of the Ed25519 key': mac(kit, 256, String(kit.signers.EdDSA.jwk.x), 'kid-EdDSA'),
      'HS256 with an empty secret': mac(kit, 256, '', 'kid-RS256'),
      'HS256 with the word secret': mac(kit, 256, 'secret', 'kid-RS256'),
      'HS256 without kid': mac(kit, 256, pem(publicKey), undefined),
      'HS256/64 with a public key': mac(kit, 256, pem(publicKey), 'kid-RS256', 'HS256/64'),
      'hs256 with a public key': mac(kit, 256, pem(publicKey), 'kid-RS256', 'hs256'),
    })
  },
}

const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string

function formsOf(key: KeyObject): Record<string, string | Buffer> {
  return {
    'the PEM': pem(key),
    'the PEM without the last line feed': pem(key).trimEnd(),
    'the PEM with CRLF': pem(key).replaceAll('\n', '\r\n'),
    'the PEM in PKCS#1': key.export({ type: 'pkcs1', format: 'pem' }) as string,
    'the DER': key.export({ type: 'spki', format: 'der' }),
    'the DER in base64': key.export({ type: 'spki', format: 'der' }).toString('base64'),
  }
}

function jsonForms(jwk: Readonly<Record<string, unknown>>): Record<string, string | Buffer> {
  return {
    'the JWK': JSON.stringify(jwk),
    'the key set': JSON.stringify({ keys: [jwk] }),
    'the modulus as text': String(jwk.n),
    'the modulus': Buffer.from(String(jwk.n), 'base64url'),
    'the kid': String(jwk.kid),
  }
}

function mac(kit: Kit, size: number, secret: string | Buffer, kid: string | undefined, alg = `HS${size}`): string {
  const text = `${encode(kit.header({ alg, kid }))}.${encode(kit.claims())}`
  return `${text}.${createHmac(`sha${size}`, secret).update(text).digest('base64url')}`
}

/**
 * RFC 8725 §3.1: each key is used with exactly one algorithm. The six RSA keys share their material, so only this rule
 * prevents a signature for one of them from verifying with another.
 */
export const mixedUp: TokenFamily = {
  family: 'algorithms mixed up (RFC 8725 §3.1)',
  make(kit) {
    const cases: TokenCase[] = []
    for (const alg of ALGORITHMS) {
      for (const used of ALGORITHMS) {
        // Two names of one algorithm (RFC 9864 §2.2), but still two keys.
        if (alg === used) continue
        const [signer, other] = [kit.signers[alg], kit.signers[used]]
        cases.push({
          name: `says ${alg} and its key, signed with ${used}`,
          token: signed(kit.header({}, signer), kit.claims(), other),
          reason: 'signature',
        })
      }
    }
    const pairs = [
      ['ES256', 'ES384'],
      ['ES384', 'ES256'],
      ['ES256', 'RS256'],
      ['RS256', 'ES256'],
      ['EdDSA', 'ES256'],
      ['ES256', 'Ed25519'],
      ['PS256', 'EdDSA'],
    ] as const
    for (const [alg, of] of pairs) {
      const { kid } = kit.signers[of]
      cases.push({
        name: `says ${alg}, names the key for ${of} and is signed as it says`,
        token: signed(kit.header({ alg, kid }), kit.claims(), kit.signers[alg]),
        reason: 'algorithm',
      })
    }
    // Signed with the named key and the named algorithm: only the `alg` of the key does not match.
    for (const [alg, of] of [
      ['RS256', 'PS256'],
      ['PS256', 'RS256'],
      ['RS512', 'RS256'],
      ['PS512', 'PS256'],
    ] as const) {
      const header = encode(kit.header({ alg, kid: kit.signers[of].kid }))
      const text = `${header}.${encode(kit.claims())}`
      cases.push({
        name: `a good ${alg} signature by a key that is for ${of}`,
        token: `${text}.${signAs(alg, kit.rsa.privateKey, text).toString('base64url')}`,
        reason: 'algorithm',
      })
    }
    return cases
  },
}
