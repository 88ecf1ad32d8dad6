import type { Kit, RequestCase } from '../kit.ts'

const NAME = 'access_token'

const percent = (text: string, hex = (code: string) => code.toUpperCase()): string =>
  [...text].map((character) => `%${hex(character.charCodeAt(0).toString(16).padStart(2, '0'))}`).join('')

/** Spellings of a query with a parameter whose name decodes to `access_token`. */
function spellings(token: string): Record<string, string> {
  return {
    'in plain letters': `/orders?${NAME}=${token}`,
    'with an empty value': `/orders?${NAME}=`,
    'without a value': `/orders?${NAME}`,
    'with a value of one letter': `/orders?${NAME}=a`,
    'after another parameter': `/orders?page=1&${NAME}=${token}`,
    'before another parameter': `/orders?${NAME}=${token}&page=1`,
    'between others': `/orders?a=1&${NAME}=${token}&b=2`,
    'after an empty parameter': `/orders?&${NAME}=${token}`,
    'after empty parameters': `/orders?&&&${NAME}=${token}`,
    'after a parameter without value': `/orders?a&${NAME}=${token}`,
    'after a parameter with a question mark': `/orders?a?b&${NAME}=${token}`,
    twice: `/orders?${NAME}=a&${NAME}=${token}`,
    'with two equals signs': `/orders?${NAME}==${token}`,
    ...Object.fromEntries(
      [...NAME].map((character, index) => [
        `with character ${index + 1} escaped`,
        `/orders?${NAME.slice(0, index)}${percent(character)}${NAME.slice(index + 1)}=${token}`,
      ]),
    ),
    'with all characters escaped': `/orders?${percent(NAME)}=${token}`,
    'with all characters escaped in lower case': `/orders?${percent(NAME, (code) => code)}=${token}`,
    'with all characters escaped and no value': `/orders?${percent(NAME)}`,
    'with the underscore escaped in lower case': `/orders?access%5ftoken=${token}`,
    'with every second character escaped': `/orders?%61c%63e%73s%5Ft%6Fk%65n=${token}`,
    'as a list': `/orders?${NAME}[]=${token}`,
    'as a list, escaped': `/orders?${NAME}%5B%5D=${token}`,
    'as a list, escaped in lower case': `/orders?${NAME}%5b%5d=${token}`,
    'as the first of a list': `/orders?${NAME}[0]=${token}`,
    'as a member of an object': `/orders?${NAME}[a]=${token}`,
    'as a deep member': `/orders?${NAME}[a][b]=${token}`,
    'in brackets, which some parsers drop': `/orders?[${NAME}]=${token}`,
    'in escaped brackets': `/orders?%5B${NAME}%5D=${token}`,
    'in brackets and as a list': `/orders?[${NAME}][]=${token}`,
    'in an absolute target (RFC 9112 §3.2.2)': `http://api.example.com/orders?${NAME}=${token}`,
    'in an absolute target of another host': `http://attacker.example/orders?${NAME}=${token}`,
    'after a fragment, which some parsers ignore': `/orders?a=1#&${NAME}=${token}`,
    'after a long parameter': `/orders?a=${'x'.repeat(6000)}&${NAME}=${token}`,
    'after a thousand parameters': `/orders?${'a=1&'.repeat(1200)}${NAME}=${token}`,
  }
}

/** RFC 9700 §4.3.2: refused with 400, even beside a good header: the token has already leaked into logs. */
export function queryTokens(kit: Kit): RequestCase[] {
  const good = kit.token()
  const small = 'a.b.c'
  const beside = Object.entries(spellings(small)).map(([name, target]) => ({
    name: `${name}, beside a good header`,
    request: { target, lines: [`Authorization: Bearer ${good}`] },
  }))
  const alone = Object.entries(spellings(good))
    .filter((_, index) => index % 4 === 0)
    .map(([name, target]) => ({ name: `${name}, alone`, request: { target } }))
  const others = [
    { name: 'on HEAD', request: { method: 'HEAD', target: `/orders?${NAME}=${good}` } },
    { name: 'on POST', request: { method: 'POST', target: `/orders?${NAME}=${good}` } },
    { name: 'on DELETE', request: { method: 'DELETE', target: `/orders?${NAME}=${good}` } },
    {
      name: 'beside a header of wrong syntax',
      request: { target: `/orders?${NAME}=a`, lines: ['Authorization: Bearer'] },
    },
    {
      name: 'beside two headers',
      request: {
        target: `/orders?${NAME}=a`,
        lines: [`Authorization: Bearer ${good}`, `Authorization: Bearer ${good}`],
      },
    },
    { name: 'beside a bad token', request: { target: `/orders?${NAME}=a`, lines: ['Authorization: Bearer a.b.c'] } },
    { name: 'beside Basic', request: { target: `/orders?${NAME}=a`, lines: ['Authorization: Basic dTpw'] } },
  ]
  return [...beside, ...alone, ...others].map(({ name, request }) => ({
    name,
    request,
    error: 'invalid_request',
    reason: 'query_token',
  }))
}

/** Similar names: they are other parameters, and ignored. */
export function otherParameters(token: string): Record<string, string> {
  return {
    'a name that is longer': `/orders?${NAME}s=${token}`,
    'a name that is longer in front': `/orders?my_${NAME}=${token}`,
    'a name that is shorter': `/orders?access_toke=${token}`,
    'a name in capitals': `/orders?ACCESS_TOKEN=${token}`,
    'a name in camel case': `/orders?accessToken=${token}`,
    'a name with a dash': `/orders?access-token=${token}`,
    'a name with a space': `/orders?access+token=${token}`,
    'a name with a trailing dot': `/orders?${NAME}.=${token}`,
    'a name escaped twice': `/orders?%2561ccess_token=${token}`,
    'a name with a NUL': `/orders?${NAME}%00=${token}`,
    'a name with half an escape': `/orders?access_toke%6=${token}`,
    'a name with an invalid escape': `/orders?%zzccess_token=${token}`,
    'a name with an overlong letter': `/orders?%C1%A1ccess_token=${token}`,
    'the word as a value': `/orders?a=${NAME}`,
    'the word after an equals sign': `/orders?a=${NAME}=${token}`,
    'the word after a second question mark': `/orders?a?${NAME}=${token}`,
    'the word inside brackets of another': `/orders?a[${NAME}]=${token}`,
    'the word and an escaped equals sign': `/orders?${NAME}%3D${token}`,
    'the word after an escaped ampersand': `/orders?a=1%26${NAME}=${token}`,
    'a query of nothing': '/orders?',
    'a query of ampersands': '/orders?&&&',
    'an id_token': `/orders?id_token=${token}`,
  }
}
