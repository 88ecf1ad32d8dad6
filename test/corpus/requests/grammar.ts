import type { Kit, RequestCase } from '../kit.ts'

/** Characters a token68 does not have (RFC 9110 §11.2), as bytes. */
const FOREIGN = [
  '!',
  '#',
  '$',
  '%',
  '&',
  "'",
  '(',
  ')',
  '*',
  ',',
  ':',
  ';',
  '<',
  '>',
  '?',
  '@',
  '[',
  '\\',
  ']',
  '^',
  '`',
]
const MORE_FOREIGN = ['{', '|', '}', '"', '\x80', '\xa0', '\xe9', '\xff', '\xc3\xa9', '\xe2\x80\x8b']

const line = (value: string) => ({ lines: [`Authorization: ${value}`] })

type Table = Readonly<Record<string, RequestCase['request']>>

const cases = (error: RequestCase['error'], reason: RequestCase['reason'], table: Table): RequestCase[] =>
  Object.entries(table).map(([name, request]) => ({ name, request, reason, ...(error && { error }) }))

/** RFC 6750 §2.1, RFC 9110 §11.4: our scheme, followed by anything but one token68. */
export function wrongSyntax(kit: Kit): RequestCase[] {
  const good = kit.token()
  const middle = Math.floor(good.length / 2)
  const withInserted = (text: string) => good.slice(0, middle) + text + good.slice(middle)
  return cases('invalid_request', 'credentials_syntax', {
    'the scheme alone': line('Bearer'),
    'the scheme alone in lower case': line('bearer'),
    'the scheme and a space': line('Bearer '),
    'the scheme and a tab': line('Bearer\t'),
    'a tab before the token': line(`Bearer\t${good}`),
    'a space and a tab before the token': line(`Bearer \t${good}`),
    'a tab and a space before the token': line(`Bearer\t ${good}`),
    'a space in the token': line(`Bearer ${withInserted(' ')}`),
    'a tab in the token': line(`Bearer ${withInserted('\t')}`),
    'a second word': line(`Bearer ${good} x`),
    'the token twice': line(`Bearer ${good} ${good}`),
    'the scheme twice': line(`Bearer Bearer ${good}`),
    'a colon after the scheme': line(`Bearer: ${good}`),
    'an equals sign after the scheme': line(`Bearer= ${good}`),
    'a slash after the scheme': line(`Bearer/ ${good}`),
    'a semicolon after the scheme': line(`Bearer; ${good}`),
    'a colon for the space': line(`Bearer:${good}`),
    'a quote for the space': line(`Bearer"${good}"`),
    'the token in quotes': line(`Bearer "${good}"`),
    'the token in single quotes': line(`Bearer '${good}'`),
    'the token in angle brackets': line(`Bearer <${good}>`),
    'a token parameter': line(`Bearer token="${good}"`),
    'a token parameter without quotes': line(`Bearer token=${good}`),
    'an access_token parameter': line(`Bearer access_token=${good}`),
    'a realm parameter': line('Bearer realm="x"'),
    'two parameters': line(`Bearer token="${good}", realm="x"`),
    'equals signs alone': line('Bearer ='),
    'an equals sign in front': line(`Bearer =${good}`),
    'an equals sign inside': line(`Bearer ${withInserted('=')}`),
    'the JSON serialization (RFC 7515 §7.2)': line('Bearer {"payload":"e30"}'),
    'the token in JSON': line(`Bearer {"access_token":"${good}"}`),
    'a percent escape in the token': line(`Bearer ${withInserted('%2E')}`),
    ...Object.fromEntries(
      [...FOREIGN, ...MORE_FOREIGN]
        .filter((character) => character !== ',')
        .map((character) => [
          `${JSON.stringify(character)} inside the token`,
          line(`Bearer ${withInserted(character)}`),
        ]),
    ),
    'a parameter after the token': line(`Bearer ${good}, a=b`),
    'a comma in quotes after the token': line(`Bearer ${good} "a, b"`),
  })
}

/** No credential of an accepted scheme: the request is valid and only lacks a credential (RFC 6750 §3.1). */
export function otherSchemes(kit: Kit): RequestCase[] {
  const good = kit.token()
  return cases(undefined, 'no_credentials', {
    'no Authorization line': {},
    'an empty Authorization line': { lines: ['Authorization:'] },
    'an Authorization line of blanks': { lines: ['Authorization: \t '] },
    'no Authorization line on HEAD': { method: 'HEAD' },
    'the token without a scheme': line(good),
    'the scheme stuck to the token': line(`Bearer${good}`),
    'the scheme with an underscore': line(`Bearer_${good}`),
    'the scheme with a dot': line(`Bearer.${good}`),
    'the scheme after the token': line(`${good} Bearer`),
    'a scheme that begins like ours': line(`BearerToken ${good}`),
    'a scheme that ends like ours': line(`XBearer ${good}`),
    'our scheme with a space inside': line(`Bear er ${good}`),
    'our scheme in quotes': line(`"Bearer" ${good}`),
    'a Cyrillic letter in our scheme': line(`B\xd0\xb5arer ${good}`),
    'a no-break space before our scheme': line(`\xa0Bearer ${good}`),
    'Basic (RFC 7617)': line('Basic dXNlcjpwYXNzd29yZA=='),
    'Basic with our token': line(`Basic ${good}`),
    'Digest with its parameters (RFC 7616)': line('Digest username="u", realm="r", nonce="n, o", uri="/orders"'),
    'DPoP (RFC 9449), which is off': line(`DPoP ${good}`),
    Token: line(`Token ${good}`),
    JWT: line(`JWT ${good}`),
    OAuth: line(`OAuth ${good}`),
    MAC: line('MAC id="h480djs93hd8", nonce="a"'),
    'Negotiate (RFC 4559)': line('Negotiate a87421000492aa874209af8bc028'),
    'GNAP (RFC 9635)': line(`GNAP ${good}`),
    'PrivateToken (RFC 9577)': line(`PrivateToken token="${good}"`),
    'AWS4-HMAC-SHA256': line(
      'AWS4-HMAC-SHA256 Credential=AKIA/20260101/x/s3/aws4_request, SignedHeaders=host, Signature=a',
    ),
    'Proxy-Authorization instead': { lines: [`Proxy-Authorization: Bearer ${good}`] },
    'X-Authorization instead': { lines: [`X-Authorization: Bearer ${good}`] },
    'Authorization2 instead': { lines: [`Authorization2: Bearer ${good}`] },
    'X-Forwarded-Access-Token instead': { lines: [`X-Forwarded-Access-Token: ${good}`] },
    'a cookie instead': { lines: [`Cookie: access_token=${good}`] },
    'an Authorization trailer (RFC 9110 §6.5.1)':
      'GET /orders HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n' +
      `0\r\nAuthorization: Bearer ${good}\r\n\r\n`,
    'a JSON body instead': {
      method: 'POST',
      lines: ['Content-Type: application/json'],
      body: JSON.stringify({ access_token: good }),
    },
  })
}

/** RFC 6750 §2: one method, one header line. With two, an intermediary may have read the other one. */
export function severalLines(kit: Kit): RequestCase[] {
  const good = kit.token()
  const bad = kit.token({ signer: kit.attacker })
  const lines = (...values: readonly string[]) => ({
    lines: values.map((value) => `Authorization: ${value}`.trimEnd()),
  })
  return cases('invalid_request', 'several_credentials', {
    'the same line twice': lines(`Bearer ${good}`, `Bearer ${good}`),
    'the same line three times': lines(`Bearer ${good}`, `Bearer ${good}`, `Bearer ${good}`),
    'a good and a bad token': lines(`Bearer ${good}`, `Bearer ${bad}`),
    'a bad and a good token': lines(`Bearer ${bad}`, `Bearer ${good}`),
    'a good token and Basic': lines(`Bearer ${good}`, 'Basic dXNlcjpwYXNz'),
    'Basic and a good token': lines('Basic dXNlcjpwYXNz', `Bearer ${good}`),
    'Basic with padding and a good token': lines('Basic dXNlcjpwYXNzdw==', `Bearer ${good}`),
    'Digest and a good token': lines('Digest username="u", nonce="n"', `Bearer ${good}`),
    'a good token and Digest': lines(`Bearer ${good}`, 'Digest username="u", nonce="n"'),
    'a good token and an empty line': lines(`Bearer ${good}`, ''),
    'an empty line and a good token': lines('', `Bearer ${good}`),
    'two empty lines': lines('', ''),
    'Basic twice': lines('Basic dXNlcjpwYXNz', 'Basic dXNlcjpwYXNz'),
    'Basic and an empty line': lines('Basic dXNlcjpwYXNz', ''),
    'a scheme alone and a good token': lines('Bearer', `Bearer ${good}`),
    'a good token and a scheme alone': lines(`Bearer ${good}`, 'Bearer'),
    'names in different case': { lines: [`authorization: Bearer ${good}`, `AUTHORIZATION: Bearer ${good}`] },
    'lines far apart': {
      lines: [`Authorization: Bearer ${good}`, 'X-A: 1', 'X-B: 2', `Authorization: Bearer ${good}`],
    },
    'an open quote and a good token': lines('Basic "', `Bearer ${good}`),
    'a parameter with a comma in quotes and a good token': lines('Digest a="b, c"', `Bearer ${good}`),
    'two tokens in one line (RFC 9110 §5.3)': line(`Bearer ${good}, Bearer ${good}`),
    'two tokens in one line without a space': line(`Bearer ${good},Bearer ${good}`),
    'a token and Basic in one line': line(`Bearer ${good}, Basic dXNlcjpwYXNz`),
    'Basic and a token in one line': line(`Basic dXNlcjpwYXNz, Bearer ${good}`),
    'an empty element and a token in one line': line(`, Bearer ${good}`),
    'a token and an empty element in one line': line(`Bearer ${good},`),
    'two empty elements in one line': line(','),
    'more commas than there is room for': line(`Bearer a${','.repeat(14_000)}`),
    'an open quote and a token in one line': line(`Basic ", Bearer ${good}`),
    'a quote left open after the token': lines(`Bearer ${good} "`, `Bearer ${good}`),
    'on HEAD': { method: 'HEAD', ...lines(`Bearer ${good}`, `Bearer ${good}`) },
  })
}

/** The size of a token is checked before anything else (RFC 8725bis). */
export function largeValues(): RequestCase[] {
  return cases('invalid_token', 'token_too_large', {
    'fourteen thousand letters': line(`Bearer ${'a'.repeat(14_000)}`),
    'fourteen thousand characters that are not a token': line(`Bearer ${'"'.repeat(14_000)}`),
    'fourteen thousand commas in quotes': line(`Bearer "${','.repeat(14_000)}"`),
    'seven thousand words': line(`Bearer ${'a '.repeat(7000)}b`),
  })
}

/** Requests that the HTTP parser of Node rejects: listed to notice if that changes. */
export function unreadable(kit: Kit): readonly (readonly [name: string, bytes: string])[] {
  const good = kit.token()
  const request = (lines: string, target = '/orders') =>
    `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n\r\n`
  return [
    ['a folded line (RFC 9112 §5.2)', request(`Authorization: Bearer\r\n ${good}`)],
    ['a folded line after the token', request(`Authorization: Bearer ${good}\r\n\tx`)],
    ['a space before the colon (RFC 9112 §5.1)', request(`Authorization : Bearer ${good}`)],
    ['a NUL in the value', request(`Authorization: Bearer ${good}\0`)],
    ['a control character in the value', request(`Authorization: Bearer \x01${good}`)],
    ['a DEL in the value', request(`Authorization: Bearer ${good}\x7f`)],
    ['a bare CR in the value', request(`Authorization: Bearer ${good}\rX: y`)],
    ['a bare LF as line end', request(`Authorization: Bearer ${good}\nX: y`)],
    ['a space in the target', request('X: y', '/orders?a b')],
    ['a control character in the target', request('X: y', '/orders?\x01')],
    ['no Host', `GET /orders HTTP/1.1\r\nConnection: close\r\nAuthorization: Bearer ${good}\r\n\r\n`],
    ['a line without colon', request('Authorization')],
  ]
}
