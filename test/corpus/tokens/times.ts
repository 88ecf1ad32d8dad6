import { type Kit, NARROW_ISSUER, NOW, refused, STRICT_ISSUER, type TokenFamily, withClaim } from '../kit.ts'

/** A token with a claim as raw JSON text, since `JSON.stringify` cannot write infinity. */
const raw = (kit: Kit, claim: string, value: string): string =>
  kit.tokenWithJson((json) => `${json.slice(0, -1)},"${claim}":${value}}`)

const NO_NUMBER: Readonly<Record<string, unknown>> = {
  null: null,
  'a text': String(NOW + 300),
  'an empty text': '',
  'a date as text': '2099-01-01T00:00:00Z',
  'the text NaN': 'NaN',
  'the text Infinity': 'Infinity',
  true: true,
  'a list': [NOW + 300],
  'an object': { value: NOW + 300 },
}

const INFINITE: Readonly<Record<string, string>> = {
  '1e999': '1e999',
  '-1e999': '-1e999',
  'four hundred digits': '9'.repeat(400),
}

/** RFC 7519 §4.1.4–6: numbers of seconds, finite ones. */
export const times: TokenFamily = {
  family: 'exp, nbf and iat (RFC 7519 §4.1.4–6)',
  make(kit) {
    const narrow = (over: Readonly<Record<string, unknown>>) =>
      kit.token({ signer: kit.narrow, claims: kit.claims({ iss: NARROW_ISSUER, ...over }) })
    const strict = (over: Readonly<Record<string, unknown>>) =>
      kit.token({ signer: kit.strict, claims: kit.claims({ iss: STRICT_ISSUER, ...over }) })
    return [
      ...['exp', 'nbf', 'iat'].flatMap((claim) => [
        ...withClaim(kit, claim, 'malformed', NO_NUMBER),
        ...Object.entries(INFINITE).map(([name, value]) => ({
          name: `${claim} is ${name}`,
          token: raw(kit, claim, value),
          reason: 'malformed' as const,
        })),
      ]),
      ...withClaim(kit, 'exp', 'missing_claim', { missing: undefined }),
      ...withClaim(kit, 'exp', 'expired', {
        'now, minus the tolerance': NOW - 30,
        'just before that': NOW - 30.001,
        'an hour ago': NOW - 3600,
        zero: 0,
        'one second after the epoch': 1,
        'before the epoch': -NOW,
        'a very small number': 5e-324,
        'the most negative number': -Number.MAX_VALUE,
      }),
      ...withClaim(kit, 'nbf', 'not_yet_valid', {
        'past the tolerance': NOW + 31,
        'a fraction past the tolerance': NOW + 30.001,
        'in an hour': NOW + 3600,
        'in milliseconds': NOW * 1000,
        'the greatest number': Number.MAX_VALUE,
      }),
      ...withClaim(kit, 'iat', 'not_yet_valid', {
        'past the tolerance': NOW + 31,
        'a fraction past the tolerance': NOW + 30.001,
        tomorrow: NOW + 86_400,
        'in milliseconds': NOW * 1000,
      }),
      ...refused('expired', {
        'no tolerance: ends this second': narrow({ exp: NOW }),
        'no tolerance: exp a millisecond ago': narrow({ exp: NOW - 0.001 }),
        'exp twice, the last one in the past (RFC 7519 §4)': raw(kit, 'exp', '1'),
      }),
      ...refused('not_yet_valid', {
        'no tolerance: nbf in a millisecond': narrow({ nbf: NOW + 0.001 }),
        'no tolerance: iat in a millisecond': narrow({ iat: NOW + 0.001 }),
      }),
      ...refused('missing_claim', {
        'EXP in capitals': kit.tokenWithJson((json) => json.replace('"exp"', '"EXP"')),
        'exp in a __proto__ member': kit.tokenWithJson((json) => json.replace(/"exp":(\d+)/, '"__proto__":{"exp":$1}')),
        'expires_at instead of exp': kit.tokenWithJson((json) => json.replace('"exp"', '"expires_at"')),
      }),
      ...refused('too_old', {
        'a fraction past its greatest age': strict({ iat: NOW - 630.001 }),
      }),
    ]
  },
}
