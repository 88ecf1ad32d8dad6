import { RESOURCE } from '../../support/issuer/issuer.ts'
import { ISSUER, LONE_ISSUER, NARROW_ISSUER, refused, STRICT_ISSUER, type TokenFamily, withClaim } from '../kit.ts'

/** RFC 7519 §4.1.1, RFC 9207 §2.4: compared as strings, character by character. */
export const issuers: TokenFamily = {
  family: 'iss by exact string (RFC 7519 §4.1.1, RFC 8725 §3.8)',
  make: (kit) => [
    ...withClaim(kit, 'iss', 'issuer', {
      empty: '',
      null: null,
      'a number': 1,
      true: true,
      'a list with it': [ISSUER],
      'an object': { iss: ISSUER },
      'with a trailing slash': `${ISSUER}/`,
      'with two trailing slashes': `${ISSUER}//`,
      'with a path': `${ISSUER}/tenant`,
      'with a query': `${ISSUER}?tenant=1`,
      'with an empty query': `${ISSUER}?`,
      'with a fragment': `${ISSUER}#`,
      'with its port': 'https://issuer.example:443',
      'with a user name': 'https://issuer.example@attacker.example',
      'with a dot after the host': 'https://issuer.example.',
      'as a prefix of another host': 'https://issuer.example.attacker.example',
      'as the end of another host': 'https://not-issuer.example',
      'cut short': 'https://issuer.exampl',
      'without scheme': 'issuer.example',
      'without scheme but with slashes': '//issuer.example',
      'over http': 'http://issuer.example',
      'in capitals': ISSUER.toUpperCase(),
      'with a capital in the host': 'https://Issuer.example',
      'with a trailing space': `${ISSUER} `,
      'with a space in front': ` ${ISSUER}`,
      'with a trailing line feed': `${ISSUER}\n`,
      'with a trailing NUL': `${ISSUER}\0`,
      'with a letter escaped': 'https://%69ssuer.example',
      'with a Cyrillic letter': 'https://іssuer.example',
      'with a soft hyphen': 'https://iss\u00aduer.example',
      'with a full-width dot': 'https://issuer。example',
      'two issuers in a row': `${ISSUER} ${STRICT_ISSUER}`,
      'the resource': RESOURCE,
      'a path to the metadata': `${ISSUER}/.well-known/openid-configuration`,
      __proto__: '__proto__',
      constructor: 'constructor',
      'a tenant of a trusted issuer': 'https://narrow.example/other',
      'the parent of a trusted tenant': 'https://narrow.example',
      'another path that resolves to a trusted one': 'https://narrow.example/other/../tenant',
    }),
    ...refused('issuer', {
      'iss twice, the last one of the attacker (RFC 7519 §4)': kit.tokenWithJson(
        (json) => `${json.slice(0, -1)},"iss":"https://attacker.example"}`,
      ),
    }),
    ...withClaim(kit, 'iss', 'missing_claim', { missing: undefined }),
    ...refused('missing_claim', {
      'iss in a __proto__ member': kit.tokenWithJson((json) =>
        json.replace(`"iss":"${ISSUER}",`, `"__proto__":{"iss":"${ISSUER}"},`),
      ),
      'ISS in capitals': kit.tokenWithJson((json) => json.replace('"iss"', '"ISS"')),
      'iss inside a claims member': kit.token({ claims: { claims: kit.claims() } }),
      'no claims at all': kit.token({ claims: {} }),
    }),
    ...refused('unknown_key', {
      'another trusted issuer, with a key it does not have': kit.token({
        claims: kit.claims({ iss: NARROW_ISSUER }),
      }),
      'the first issuer, with the key of another': kit.token({ signer: kit.narrow }),
    }),
    ...refused('signature', {
      'another trusted issuer, same kid, other key': kit.token({ claims: kit.claims({ iss: STRICT_ISSUER }) }),
    }),
    ...refused('algorithm', {
      'an issuer that does not use RS256': kit.token({
        claims: kit.claims({ iss: NARROW_ISSUER }),
        signer: kit.signers.RS256,
      }),
      'an issuer that does not use EdDSA': kit.token({
        claims: kit.claims({ iss: NARROW_ISSUER }),
        signer: kit.signers.EdDSA,
      }),
    }),
  ],
}

/** RFC 7519 §4.1.3, RFC 9068 §4: one of ours, as a string or in a list of strings. */
export const audiences: TokenFamily = {
  family: 'aud by exact member (RFC 7519 §4.1.3, RFC 9068 §4)',
  make(kit) {
    const lone = (aud: unknown) =>
      kit.token({
        signer: kit.lone,
        header: kit.header({ kid: undefined }, kit.lone),
        claims: kit.claims({ iss: LONE_ISSUER, aud }),
      })
    return [
      ...withClaim(kit, 'aud', 'missing_claim', { missing: undefined }),
      ...withClaim(kit, 'aud', 'malformed', {
        null: null,
        'a number': 1,
        true: true,
        'an object': { aud: RESOURCE },
        'an object that looks like a list': { 0: RESOURCE, length: 1 },
        'a list with a number beside ours': [RESOURCE, 1],
        'a list with null beside ours': [RESOURCE, null],
        'a list with an object beside ours': [{}, RESOURCE],
        'a list with a list beside ours': [RESOURCE, []],
        'a list with true beside ours': [true, RESOURCE],
        'a list in a list': [[RESOURCE]],
        'a list with null only': [null],
      }),
      ...withClaim(kit, 'aud', 'audience', {
        empty: '',
        'an empty list': [],
        'a list with an empty text': [''],
        'another resource': 'https://other.example.com',
        'a list of other resources': ['https://other.example.com', 'urn:other'],
        'with a trailing slash': `${RESOURCE}/`,
        'with a path': `${RESOURCE}/orders`,
        'with a query': `${RESOURCE}?`,
        'with its port': `${RESOURCE}:443`,
        'over http': 'http://api.example.com',
        'cut short': RESOURCE.slice(0, -1),
        'the host alone': 'api.example.com',
        'the end of another host': 'https://other-api.example.com',
        'the start of another host': `${RESOURCE}.attacker.example`,
        'in capitals': RESOURCE.toUpperCase(),
        'with a trailing space': `${RESOURCE} `,
        'with a trailing line feed': `${RESOURCE}\n`,
        'with a trailing NUL': `${RESOURCE}\0`,
        'ours and another in one text': `${RESOURCE} https://other.example.com`,
        'ours and another in one text with a comma': `${RESOURCE},https://other.example.com`,
        'a list with both in one text': [`${RESOURCE} https://other.example.com`],
        'a list as a text': JSON.stringify([RESOURCE]),
        'a star': '*',
        'a pattern': 'https://*.example.com',
        'a pattern that fits': 'https://api\\.example\\.com',
        'the issuer': ISSUER,
        'the client': 'client-1',
        __proto__: '__proto__',
        'a Cyrillic letter': 'https://арi.example.com',
        'with a user name': 'https://api.example.com@attacker.example',
      }),
      ...refused('audience', {
        'our resource, where the issuer has audiences of its own': lone(RESOURCE),
        'a configured audience without its slash': lone('https://orders.example'),
        'both configured audiences in one text': lone('urn:orders https://orders.example/'),
        'aud twice, the last one for another resource (RFC 7519 §4)': kit.tokenWithJson(
          (json) => `${json.slice(0, -1)},"aud":"https://other.example.com"}`,
        ),
      }),
      ...refused('missing_claim', {
        'aud in a __proto__ member': kit.tokenWithJson((json) =>
          json.replace(`"aud":"${RESOURCE}",`, `"__proto__":{"aud":"${RESOURCE}"},`),
        ),
        'AUD in capitals': kit.tokenWithJson((json) => json.replace('"aud"', '"AUD"')),
        'resource instead of aud': kit.tokenWithJson((json) => json.replace('"aud"', '"resource"')),
      }),
    ]
  },
}
