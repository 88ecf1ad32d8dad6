import type { RawRequest } from '../../support/http/raw-client.ts'
import type { Kit, RequestCase } from '../kit.ts'

const TYPE = 'application/x-www-form-urlencoded'

export const form = (body: string, more: readonly string[] = [], over: Partial<RawRequest> = {}): RawRequest => ({
  method: 'POST',
  lines: [`Content-Type: ${TYPE}`, ...more],
  body,
  ...over,
})

type Table = Readonly<Record<string, RawRequest>>

const cases = (reason: RequestCase['reason'], table: Table, error?: RequestCase['error']): RequestCase[] =>
  Object.entries(table).map(([name, request]) => ({ name, request, reason, ...(error && { error }) }))

/** RFC 6750 §2.2 with `formTokens: 'accept'`. */
export function formTokens(kit: Kit): RequestCase[] {
  const good = kit.token()
  const bad = kit.token({ signer: kit.attacker })
  const header = [`Authorization: Bearer ${good}`]
  return [
    ...cases(
      'several_credentials',
      {
        'header and form with the same token (RFC 6750 §2)': form(`access_token=${good}`, header),
        'header and form with two tokens': form(`access_token=${bad}`, header),
        'a bad header and a good form': form(`access_token=${good}`, [`Authorization: Bearer ${bad}`]),
        'the parameter twice (RFC 6749 §3.1)': form(`access_token=${good}&access_token=${good}`),
        'the parameter twice, first empty': form(`access_token=&access_token=${good}`),
        'the parameter twice, second empty': form(`access_token=${good}&access_token=`),
        'the parameter three times': form(`access_token=a&access_token=b&access_token=${good}`),
        'the parameter twice, once escaped': form(`access_token=a&%61ccess_token=${good}`),
        'two header lines and a form': form(`access_token=${good}`, [...header, ...header]),
      },
      'invalid_request',
    ),
    ...cases(
      'form_syntax',
      {
        'an empty parameter': form('access_token='),
        'a parameter without value': form('access_token'),
        'a space in the token': form('access_token=a b'),
        'a plus sign, which is a space': form('access_token=a+b'),
        'an escaped space': form('access_token=a%20b'),
        'two words': form(`access_token=${good}%20${good}`),
        'a comma': form('access_token=a,b'),
        quotes: form('access_token=%22a%22'),
        'a line break': form('access_token=a%0D%0Ab'),
        'a NUL': form('access_token=a%00'),
        'an invalid escape': form('access_token=%zz'),
        'half an escape': form('access_token=a%2'),
        'bytes that are not UTF-8': form('access_token=%FF%FE'),
        'a letter of another script': form('access_token=%D0%B0'),
        'the scheme in the value': form(`access_token=Bearer%20${good}`),
        'JSON in the value': form('access_token=%7B%22a%22%3A1%7D'),
        'a list': form(`access_token[]=${good}`),
        'a list, escaped': form(`access_token%5B%5D=${good}`),
        'the first of a list': form(`access_token[0]=${good}`),
        'a member of an object': form(`access_token[a]=${good}`),
      },
      'invalid_request',
    ),
    ...cases(
      'query_token',
      { 'a query token beside the form': form(`access_token=${good}`, [], { target: '/orders?access_token=a' }) },
      'invalid_request',
    ),
    ...cases(
      'credentials_syntax',
      { 'a scheme alone beside the form': form(`access_token=${good}`, ['Authorization: Bearer']) },
      'invalid_request',
    ),
    ...cases('no_credentials', {
      'no access_token parameter': form('token=a&grant_type=b'),
      'a longer name': form(`access_tokens=${good}`),
      'a name in capitals': form(`ACCESS_TOKEN=${good}`),
      'a name with a space': form(`access+token=${good}`),
      'a name escaped twice': form(`%2561ccess_token=${good}`),
      'a name after a question mark': form(`?access_token=${good}`),
      'a name after a semicolon': form(`a=b;access_token=${good}`),
      'an empty body': form(''),
      ampersands: form('&&&'),
      'a body of GET (RFC 6750 §2.2)': form(`access_token=${good}`, [], { method: 'GET' }),
      'a body of HEAD': form(`access_token=${good}`, [], { method: 'HEAD' }),
      'text by its type (RFC 6750 §2.2)': {
        method: 'POST',
        lines: ['Content-Type: text/plain'],
        body: `access_token=${good}`,
      },
      'JSON by its type': {
        method: 'POST',
        lines: ['Content-Type: application/json'],
        body: JSON.stringify({ access_token: good }),
      },
      'no Content-Type': { method: 'POST', lines: [], body: '' },
    }),
    ...cases(
      'token_too_large',
      { 'a token over the limit': form(`access_token=${'a'.repeat(8193)}`) },
      'invalid_token',
    ),
    ...cases('malformed', { 'an opaque token': form('access_token=abc') }, 'invalid_token'),
    ...cases(
      'signature',
      { 'a token of the attacker': form(`access_token=${kit.token({ signer: kit.attacker, header: kit.header() })}`) },
      'invalid_token',
    ),
    ...cases(
      'expired',
      { 'an expired token': form(`access_token=${kit.token({ claims: kit.claims({ exp: 1 }) })}`) },
      'invalid_token',
    ),
  ]
}

/** With form tokens off, a form is not a credential and is not read. */
export function formsThatAreOff(kit: Kit): RequestCase[] {
  const good = kit.token()
  return cases('no_credentials', {
    'a form token while they are off (RFC 6750 §2.2)': form(`access_token=${good}`),
    'a form token on PUT while they are off': form(`access_token=${good}`, [], { method: 'PUT' }),
    'a form token twice while they are off': form(`access_token=${good}&access_token=${good}`),
  })
}
