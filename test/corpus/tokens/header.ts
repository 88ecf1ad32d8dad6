import { refused, type TokenFamily, withHeader } from '../kit.ts'

/** RFC 7515 §4.1.11: no extension is supported, so each critical one is refused; RFC 7797 §6 for `b64`. */
export const critical: TokenFamily = {
  family: 'critical header members (RFC 7515 §4.1.11, RFC 7797)',
  make: (kit) => [
    ...withHeader(kit, 'crit', 'malformed', {
      'a list with an unknown name': ['http://example.invalid/UNDEFINED'],
      'a list with exp': ['exp'],
      'a list with alg, which may not be there': ['alg'],
      'a list with b64': ['b64'],
      'an empty list': [],
      'a list with an empty name': [''],
      'a list with a number': [1],
      'a list in a list': [['exp']],
      'a text': 'exp',
      'an object': {},
      null: null,
      false: false,
      zero: 0,
    }),
    ...withHeader(kit, 'b64', 'malformed', {
      false: false,
      true: true,
      null: null,
      'the text false': 'false',
    }),
    ...refused('malformed', {
      'b64 false and critical, claims left plain': plainClaims(),
      'b64 false and critical, claims encoded': kit.token({ header: kit.header({ b64: false, crit: ['b64'] }) }),
      'exp critical and there': kit.token({ header: kit.header({ exp: 1, crit: ['exp'] }) }),
    }),
  ],
}

/** RFC 7797 §3: with `b64` false the payload is unencoded; this one is also valid base64url. */
const plainClaims = (): string =>
  `${Buffer.from('{"alg":"ES256","b64":false,"crit":["b64"]}').toString('base64url')}.e30.AAAA`

/** The `kid` is only a lookup key: never a path, a URL or a query. */
export const keyIds: TokenFamily = {
  family: 'kid (RFC 7515 §4.1.4, RFC 8725 §3.10)',
  make: (kit) => [
    ...withHeader(kit, 'kid', 'malformed', {
      'a number': 1,
      null: null,
      true: true,
      'a list': ['kid-ES256'],
      'an object': { kid: 'kid-ES256' },
    }),
    ...withHeader(kit, 'kid', 'unknown_key', {
      empty: '',
      'a space': ' ',
      'the right one and a space': 'kid-ES256 ',
      'the right one in capitals': 'KID-ES256',
      'the right one and a NUL': 'kid-ES256\0',
      'the right one cut short': 'kid-ES25',
      __proto__: '__proto__',
      constructor: 'constructor',
      toString: 'toString',
      'the text undefined': 'undefined',
      'a path to nothing': '../../../../dev/null',
      'a path to a file': '/etc/passwd',
      'a query injection': "kid-ES256' OR '1'='1",
      'a command': 'kid|sleep 10',
      'a URL of the attacker': `${kit.attackerUrl}/keys`,
      'a line break': 'kid-ES256\r\nX-Injected: 1',
      'a pattern': '.*',
      'a letter that only looks like the right one': 'kіd-ES256',
      'a key of another issuer': 'strict',
      '256 characters': 'k'.repeat(256),
    }),
    ...withHeader(kit, 'kid', 'token_too_large', {
      '257 characters': 'k'.repeat(257),
      '1000 characters': 'k'.repeat(1000),
    }),
  ],
}

/** RFC 8725 §3.10: key material in a token is not trusted and must not cause a request. */
export const keyInjections: TokenFamily = {
  family: 'key material in the header (RFC 8725 §3.10, RFC 7515 §4.1.2–6)',
  make(kit) {
    const { attacker, attackerUrl } = kit
    const own = (over: Readonly<Record<string, unknown>>) =>
      kit.token({ header: kit.header({ kid: 'kid-ES256', ...over }, attacker), signer: attacker })
    const strange = (over: Readonly<Record<string, unknown>>) =>
      kit.token({ header: kit.header(over, attacker), signer: attacker })
    const url = `${attackerUrl}/keys`
    const x5c = [Buffer.from('a certificate').toString('base64')]
    return [
      ...refused('signature', {
        'jwk of the attacker beside a good kid': own({ jwk: attacker.jwk }),
        'jku of the attacker beside a good kid': own({ jku: url }),
        'x5u of the attacker beside a good kid': own({ x5u: url }),
        'x5c of the attacker beside a good kid': own({ x5c }),
        'jwk of the attacker without kid': own({ kid: undefined, jwk: attacker.jwk }),
        'jku of the attacker without kid': own({ kid: undefined, jku: url }),
        'x5u of the attacker without kid': own({ kid: undefined, x5u: url }),
        'jku at the issuer with a redirect': own({ jku: `https://issuer.example/go?to=${url}` }),
        'jku with the issuer as user name': own({ jku: `https://issuer.example@${new URL(url).host}/keys` }),
        'jku that is a file': own({ jku: 'file:///etc/passwd' }),
        'jku that is data': own({ jku: `data:application/json,${encodeURIComponent(JSON.stringify(attacker.jwk))}` }),
        'x5t of a certificate of the attacker': own({ x5t: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA' }),
        'all of them at once': own({ jwk: attacker.jwk, jku: url, x5u: url, x5c }),
      }),
      ...refused('unknown_key', {
        'jwk of the attacker and its kid': strange({ jwk: attacker.jwk }),
        'jku of the attacker and its kid': strange({ jku: url }),
        'x5u of the attacker and its kid': strange({ x5u: url }),
        'x5c of the attacker and its kid': strange({ x5c }),
        'a kid that is the jku': strange({ kid: url, jku: url }),
      }),
      ...refused('issuer', {
        'the attacker as issuer': kit.token({ claims: kit.claims({ iss: attackerUrl }), signer: attacker }),
        'the attacker as issuer, with jku': kit.token({
          claims: kit.claims({ iss: attackerUrl }),
          header: kit.header({ jku: url }, attacker),
          signer: attacker,
        }),
      }),
      ...refused('algorithm', {
        'a symmetric jwk and HS256': strange({ alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } }),
      }),
    ]
  },
}
