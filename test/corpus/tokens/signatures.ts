import { sign } from 'node:crypto'
import { signAs } from '../keys.ts'
import { encode, type Kit, partsOf, refused, signed, type TokenFamily } from '../kit.ts'

const P256_ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
const P256_PRIME = Buffer.from('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff', 'hex')

/** A good token with its signature replaced. */
function resigned(kit: Kit, alg: keyof Kit['signers'], change: (signature: Buffer) => Uint8Array): string {
  const [header, claims, signature] = partsOf(kit.token({ signer: kit.signers[alg] }))
  return `${header}.${claims}.${Buffer.from(change(Buffer.from(signature, 'base64url'))).toString('base64url')}`
}

const flip = (at: number) => (signature: Buffer) => {
  const index = at < 0 ? signature.length + at : at
  signature[index] = (signature[index] as number) ^ 1
  return signature
}

const number = (value: number) => Buffer.concat([Buffer.alloc(31), Buffer.from([value])])

/** RFC 7518 §3.4: two numbers of fixed length, each from 1 to the order minus 1. CVE-2022-21449 accepted zeros. */
export const ecdsa: TokenFamily = {
  family: 'ECDSA signatures (RFC 7518 §3.4)',
  make(kit) {
    const es256 = (change: (signature: Buffer) => Uint8Array) => resigned(kit, 'ES256', change)
    const pair = (r: Uint8Array, s: Uint8Array) => es256(() => Buffer.concat([r, s]))
    return refused('signature', {
      'r and s are zero (CVE-2022-21449)': pair(number(0), number(0)),
      'r is zero': es256((signature) => Buffer.concat([number(0), signature.subarray(32)])),
      's is zero': es256((signature) => Buffer.concat([signature.subarray(0, 32), number(0)])),
      'r and s are the order': pair(P256_ORDER, P256_ORDER),
      'r is the order': pair(P256_ORDER, number(1)),
      's is the order': pair(number(1), P256_ORDER),
      'r and s are one': pair(number(1), number(1)),
      'r is the prime': pair(P256_PRIME, number(1)),
      'all bits set': es256((signature) => signature.fill(0xff)),
      'r and s swapped': es256((signature) => Buffer.concat([signature.subarray(32), signature.subarray(0, 32)])),
      'the first bit flipped': es256(flip(0)),
      'a bit of s flipped': es256(flip(32)),
      'the last bit flipped': es256(flip(-1)),
      'a byte short': es256((signature) => signature.subarray(0, 63)),
      'the first byte missing': es256((signature) => signature.subarray(1)),
      'a byte long': es256((signature) => Buffer.concat([signature, Buffer.from([0])])),
      'an extra first byte': es256((signature) => Buffer.concat([Buffer.from([0]), signature])),
      'only r': es256((signature) => signature.subarray(0, 32)),
      'each number a byte long': es256((signature) =>
        Buffer.concat([Buffer.from([0]), signature.subarray(0, 32), Buffer.from([0]), signature.subarray(32)]),
      ),
      'twice in a row': es256((signature) => Buffer.concat([signature, signature])),
      'one byte': es256(() => Buffer.from([1])),
      'in DER, as X.509 has it': withDer(kit),
      'in DER, all zeros': es256(() => Buffer.from('3006020100020100', 'hex')),
      'of another text': es256(() => kit.signers.ES256.sign('text')),
      'ES384: r and s are zero': resigned(kit, 'ES384', (signature) => signature.fill(0)),
      'ES384: cut to 64 bytes': resigned(kit, 'ES384', (signature) => signature.subarray(0, 64)),
      'ES512: r and s are zero': resigned(kit, 'ES512', (signature) => signature.fill(0)),
      'ES512: without the leading zeros': resigned(kit, 'ES512', (signature) =>
        Buffer.concat([signature.subarray(1, 66), signature.subarray(67)]),
      ),
      'ES512: the last bit flipped': resigned(kit, 'ES512', flip(-1)),
    })
  },
}

function withDer(kit: Kit): string {
  return resigned(kit, 'ES256', (signature) => {
    const integer = (bytes: Buffer) => {
      const start = bytes.findIndex((byte) => byte !== 0)
      const short = bytes.subarray(start)
      const value = (short[0] as number) > 0x7f ? Buffer.concat([Buffer.from([0]), short]) : short
      return Buffer.concat([Buffer.from([2, value.length]), value])
    }
    const body = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))])
    return Buffer.concat([Buffer.from([0x30, body.length]), body])
  })
}

export const rsa: TokenFamily = {
  family: 'RSA signatures (RFC 7518 §3.3, §3.5)',
  make(kit) {
    const rs256 = (change: (signature: Buffer) => Uint8Array) => resigned(kit, 'RS256', change)
    const modulus = Buffer.from(String(kit.signers.RS256.jwk.n), 'base64url')
    const pss = (salt: number) => {
      const text = `${encode(kit.header({}, kit.signers.PS256))}.${encode(kit.claims())}`
      return `${text}.${signAs('PS256', kit.rsa.privateKey, text, salt).toString('base64url')}`
    }
    const sha1 = () => {
      const text = `${encode(kit.header({}, kit.signers.RS256))}.${encode(kit.claims())}`
      return `${text}.${sign('sha1', Buffer.from(text), kit.rsa.privateKey).toString('base64url')}`
    }
    return refused('signature', {
      'all zeros': rs256((signature) => signature.fill(0)),
      'the number one': rs256((signature) => Buffer.concat([signature.fill(0).subarray(1), Buffer.from([1])])),
      'all bits set': rs256((signature) => signature.fill(0xff)),
      'the modulus': rs256(() => modulus),
      'the modulus minus one': rs256(() =>
        Buffer.concat([modulus.subarray(0, -1), Buffer.from([(modulus.at(-1) as number) - 1])]),
      ),
      'the first bit flipped': rs256(flip(0)),
      'the last bit flipped': rs256(flip(-1)),
      'a byte short': rs256((signature) => signature.subarray(0, -1)),
      'the first byte missing': rs256((signature) => signature.subarray(1)),
      'a zero byte in front': rs256((signature) => Buffer.concat([Buffer.from([0]), signature])),
      'an extra last byte': rs256((signature) => Buffer.concat([signature, Buffer.from([0])])),
      'one byte': rs256(() => Buffer.from([1])),
      'the padding in plain (PKCS #1 v1.5)': rs256(() =>
        Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(202, 0xff), Buffer.alloc(52)]),
      ),
      'made with SHA-1': sha1(),
      'PSS without salt': pss(0),
      'PSS with a salt of one byte': pss(1),
      'PSS with a salt of 20 bytes': pss(20),
      'PSS with a salt one byte short': pss(31),
      'PSS with a salt one byte long': pss(33),
      'PSS with the longest salt': pss(222),
      'PSS: the last bit flipped': resigned(kit, 'PS256', flip(-1)),
    })
  },
}

const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

/** RFC 8032 §5.1.7: the scalar must be below the order, or each message would have several valid signatures. */
export const eddsa: TokenFamily = {
  family: 'EdDSA signatures (RFC 8032 §5.1.7, RFC 8037)',
  make(kit) {
    const ed = (change: (signature: Buffer) => Uint8Array) => resigned(kit, 'EdDSA', change)
    return refused('signature', {
      'all zeros': ed((signature) => signature.fill(0)),
      'the scalar raised by the order': ed((signature) => {
        const scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + ED25519_ORDER
        const raised = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse()
        return Buffer.concat([signature.subarray(0, 32), raised])
      }),
      'the neutral point and no scalar': ed(() => Buffer.concat([Buffer.from([1]), Buffer.alloc(63)])),
      'a byte short': ed((signature) => signature.subarray(0, -1)),
      'a byte long': ed((signature) => Buffer.concat([signature, Buffer.from([0])])),
      'the first bit flipped': ed(flip(0)),
      'the last bit flipped': ed(flip(-1)),
      'point and scalar swapped': ed((signature) => Buffer.concat([signature.subarray(32), signature.subarray(0, 32)])),
      '114 bytes, as Ed448 has them': ed(() => Buffer.alloc(114, 1)),
    })
  },
}

/** RFC 7515 §5.2: the signature covers the text as it was sent, including the header. */
export const tampered: TokenFamily = {
  family: 'changed after signing (RFC 7515 §5.2)',
  make(kit) {
    const [header, claims, signature] = partsOf(kit.token())
    const join = (...parts: string[]) => parts.join('.')
    const change = (over: Readonly<Record<string, unknown>>) => join(header, encode(kit.claims(over)), signature)
    const { ES256 } = kit.signers
    const over = (text: string) => join(header, claims, ES256.sign(text).toString('base64url'))
    return refused('signature', {
      'a wider scope': change({ scope: 'read:orders admin' }),
      'another subject': change({ sub: 'admin' }),
      'a later end': change({ exp: 4_000_000_000 }),
      'one more claim': change({ admin: true }),
      'one claim less': change({ jti: undefined }),
      'a space in the claims': join(header, encode(` ${JSON.stringify(kit.claims())}`), signature),
      'a space in the header': join(encode(` ${JSON.stringify(kit.header())}`), claims, signature),
      'a header member more': join(encode(kit.header({ cty: 'x' })), claims, signature),
      'the type taken away': join(encode(kit.header({ typ: undefined })), claims, signature),
      'the kid taken away': join(encode(kit.header({ kid: undefined })), claims, signature),
      'claims with their members in another order': join(
        header,
        encode(Object.fromEntries(Object.entries(kit.claims()).reverse())),
        signature,
      ),
      'the signature of another token': join(
        header,
        claims,
        partsOf(kit.token({ claims: kit.claims({ jti: '2' }) }))[2],
      ),
      'signed: the claims alone': over(claims),
      'signed: the header alone': over(header),
      'signed: both without the dot': over(header + claims),
      'signed: both with a trailing dot': over(`${header}.${claims}.`),
      'signed: the decoded claims': over(JSON.stringify(kit.claims())),
      'signed: claims before header': over(`${claims}.${header}`),
      'signed: nothing': over(''),
      'signed by an untrusted key, under the kid of a trusted one': signed(kit.header(), kit.claims(), kit.attacker),
      'signed by another issuer with the same kid': signed(kit.header(), kit.claims(), kit.strict),
    })
  },
}
