import { type Kit, LONE_ISSUER, refused, type TokenCase, type TokenFamily, withClaim } from '../kit.ts'

const THUMBPRINT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

/** RFC 7800 §3.1: ignoring a confirmation would turn a bound token into a bearer token. */
export const confirmations: TokenFamily = {
  family: 'cnf (RFC 7800 §3.1, RFC 9449 §6.1, RFC 8705 §3.1)',
  make: (kit) => [
    ...withClaim(kit, 'cnf', 'confirmation', {
      'a DPoP key': { jkt: THUMBPRINT },
      'a certificate': { 'x5t#S256': THUMBPRINT },
      'both of them': { jkt: THUMBPRINT, 'x5t#S256': THUMBPRINT },
      'a key': { jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } },
      'a kid': { kid: 'kid-ES256' },
      'a URL': { jku: kit.attackerUrl, kid: '1' },
      'an encrypted key': { jwe: 'a.b.c.d.e' },
      'an unknown method': { 'urn:example:method': 1 },
      'an empty object': {},
      'an empty jkt': { jkt: '' },
      'a jkt of null': { jkt: null },
      null: null,
      false: false,
      zero: 0,
      'an empty text': '',
      'a text': THUMBPRINT,
      'an empty list': [],
      'a list': [{ jkt: THUMBPRINT }],
    }),
    {
      name: 'cnf with a __proto__ member only',
      token: kit.tokenWithJson((json) => `${json.slice(0, -1)},"cnf":{"__proto__":{"jkt":"x"}}}`),
      reason: 'confirmation',
    },
    {
      name: 'cnf twice, the last one null',
      token: kit.tokenWithJson((json) => `${json.slice(0, -1)},"cnf":{"jkt":"x"},"cnf":null}`),
      reason: 'confirmation',
    },
  ],
}

/** RFC 6749 §3.3: scopes are exact, case-sensitive and separated by spaces. The token is valid but insufficient. */
export const scopes: TokenFamily = {
  family: 'scopes that do not grant (RFC 6749 §3.3, RFC 9068 §2.2.3)',
  make(kit) {
    const values: Readonly<Record<string, unknown>> = {
      missing: undefined,
      empty: '',
      'a space': ' ',
      null: null,
      'a number': 1,
      true: true,
      'an object with it': { 'read:orders': true },
      'an object that looks like a list': { 0: 'read:orders', length: 1 },
      'another scope': 'write:orders',
      'in capitals': 'READ:ORDERS',
      'with one capital': 'Read:orders',
      'its start': 'read:order',
      'longer than it': 'read:orders2',
      'part of another': 'un-read:orders',
      'only before the colon': 'read',
      'with a comma': 'read:orders,write:orders',
      'with a semicolon': 'write:orders;read:orders',
      'with a plus sign': 'write:orders+read:orders',
      'with a tab': 'read:orders\twrite:orders',
      'with a line feed': 'write:orders\nread:orders',
      'with a no-break space': 'write:orders\u00a0read:orders',
      'with a NUL': 'read:orders\0',
      'with a zero-width space': 'read:orders\u200b',
      'in quotes': '"read:orders"',
      'with a backslash': 'read:\\orders',
      escaped: 'read%3Aorders',
      'a star': '*',
      'a pattern': 'read:*',
      'a JSON list as text': '["read:orders"]',
      'a list with a space in its element': ['read:orders write:orders'],
      'a list with spaces around its element': [' read:orders '],
      'a list in a list': [['read:orders']],
      'a list of objects': [{ scope: 'read:orders' }],
      'a list of numbers': [1, 2],
      'an empty list': [],
      __proto__: '__proto__',
      constructor: 'constructor',
      'a letter that only looks like it': 'rеad:orders',
    }
    const insufficient = (name: string, token: string): TokenCase => ({
      name,
      token,
      reason: 'scope',
      error: 'insufficient_scope',
    })
    const inClaim = (claim: string, value: unknown) =>
      kit.token({ claims: kit.claims({ scope: undefined, [claim]: value }) })
    return [
      ...Object.entries(values).map(([name, value]) =>
        insufficient(`scope is ${name}`, kit.token({ claims: kit.claims({ scope: value }) })),
      ),
      insufficient('scp has it inside a longer element', inClaim('scp', ['read:orders:all'])),
      insufficient('scp has it with a space in its element', inClaim('scp', ['a read:orders'])),
      insufficient('scopes instead of scope', inClaim('scopes', 'read:orders')),
      insufficient('permissions, which this issuer does not use', inClaim('permissions', ['read:orders'])),
      insufficient('roles, which this issuer does not use', inClaim('roles', ['read:orders'])),
      insufficient('authorities, which is not configured', inClaim('authorities', ['read:orders'])),
      insufficient('Scope with a capital', inClaim('Scope', 'read:orders')),
      insufficient(
        'scope in a __proto__ member',
        kit.tokenWithJson((json) => json.replace('"scope":"read:orders"', '"__proto__":{"scope":"read:orders"}')),
      ),
      insufficient(
        'scope twice, the last one empty (RFC 7519 §4)',
        kit.tokenWithJson((json) => `${json.slice(0, -1)},"scope":""}`),
      ),
      insufficient('scope, where the issuer keeps scopes in other claims', lone(kit)),
    ]
  },
}

const lone = (kit: Kit): string =>
  kit.token({
    signer: kit.lone,
    header: kit.header({ kid: undefined }, kit.lone),
    claims: kit.claims({ iss: LONE_ISSUER, aud: 'urn:orders', scope: 'read:orders' }),
  })

/** Members of `__proto__` or of a nested object are not claims of the token. */
export const disguises: TokenFamily = {
  family: 'claims in disguise (RFC 7519 §4)',
  make: (kit) => [
    ...refused('missing_claim', {
      'every claim in __proto__': kit.token({ claims: `{"__proto__":${JSON.stringify(kit.claims())}}` }),
      'every claim in constructor.prototype': kit.token({
        claims: `{"constructor":{"prototype":${JSON.stringify(kit.claims())}}}`,
      }),
      'every claim in a list': kit.token({ claims: { claims: [kit.claims()] } }),
      'every claim as text': kit.token({ claims: { claims: JSON.stringify(kit.claims()) } }),
      'claims nested a thousand deep': kit.token({ claims: `${'{"a":'.repeat(500)}{}${'}'.repeat(500)}` }),
    }),
    ...refused('token_type', {
      'a nonce written with an escape': kit.tokenWithJson((json) => `${json.slice(0, -1)},"non\\u0063e":"n"}`),
      'events written with an escape': kit.tokenWithJson((json) => `${json.slice(0, -1)},"\\u0065vents":{}}`),
    }),
    ...refused('confirmation', {
      'cnf written with an escape': kit.tokenWithJson((json) => `${json.slice(0, -1)},"c\\u006ef":{"jkt":"x"}}`),
    }),
    ...refused('expired', {
      'exp written with an escape, and in the past': kit.tokenWithJson((json) => `${json.slice(0, -1)},"e\\u0078p":1}`),
    }),
  ],
}
