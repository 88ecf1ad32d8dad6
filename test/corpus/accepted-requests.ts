import type { RawRequest } from '../support/http/raw-client.ts'
import type { Kit } from './kit.ts'
import { form } from './requests/forms.ts'
import type { RequestFamily } from './requests/index.ts'
import { otherParameters } from './requests/query.ts'

/** A request that is unusual but legal, and must reach its handler. */
export interface AcceptedRequest {
  readonly name: string
  readonly api: RequestFamily['api']
  readonly request: RawRequest | string
}

export function acceptedRequests(kit: Kit): readonly AcceptedRequest[] {
  const good = kit.token()
  const line = (value: string) => ({ lines: [value] })
  const header = [`Authorization: Bearer ${good}`]
  const plain: Record<string, RawRequest | string> = {
    'bearer in lower case (RFC 9110 §11.1)': line(`Authorization: bearer ${good}`),
    'BEARER in capitals': line(`Authorization: BEARER ${good}`),
    'bEaReR in mixed case': line(`Authorization: bEaReR ${good}`),
    'two spaces (RFC 9110 §11.4)': line(`Authorization: Bearer  ${good}`),
    'ten spaces': line(`Authorization: Bearer${' '.repeat(10)}${good}`),
    'a thousand spaces': line(`Authorization: Bearer${' '.repeat(1000)}${good}`),
    'spaces after the token (RFC 9110 §5.5)': line(`Authorization: Bearer ${good}   `),
    'a tab after the token': line(`Authorization: Bearer ${good}\t`),
    'tabs before the scheme': line(`Authorization:\t\tBearer ${good}`),
    'no space after the colon': line(`Authorization:Bearer ${good}`),
    'the header name in lower case': line(`authorization: Bearer ${good}`),
    'the header name in capitals': line(`AUTHORIZATION: Bearer ${good}`),
    'HTTP/1.0': `GET /orders HTTP/1.0\r\nHost: a\r\nAuthorization: Bearer ${good}\r\n\r\n`,
    'an absolute target (RFC 9112 §3.2.2)': { target: 'http://api.example.com/orders', lines: header },
    'an absolute target of another host': { target: 'http://other.example/orders?page=1', lines: header },
    'another Authorization-like header': {
      lines: [...header, 'Proxy-Authorization: Basic dTpw', 'X-Authorization: a'],
    },
    'a forwarded host': {
      lines: [...header, 'X-Forwarded-Host: attacker.example', 'Forwarded: host=attacker.example'],
    },
    'many other headers': { lines: [...Array.from({ length: 60 }, (_, index) => `X-${index}: ${index}`), ...header] },
    'a chunked body': `POST /orders HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nAuthorization: Bearer ${good}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n`,
    'a form without token, forms off': form('a=b', header),
    'a form token beside the header, forms off': form(`access_token=${good}`, header),
    ...Object.fromEntries(
      Object.entries(otherParameters('a.b.c')).map(([name, target]) => [`query: ${name}`, { target, lines: header }]),
    ),
  }
  const forms: Record<string, RawRequest> = {
    'a form token (RFC 6750 §2.2)': form(`access_token=${good}`),
    'a form token among others': form(`a=1&access_token=${good}&b=2`),
    'a form token with its name escaped': form(`%61ccess%5Ftoken=${good}`),
    'a form token with its dots escaped': form(`access_token=${good.replaceAll('.', '%2E')}`),
    'a form token on PUT': form(`access_token=${good}`, [], { method: 'PUT' }),
    'a form token on DELETE': form(`access_token=${good}`, [], { method: 'DELETE' }),
    'a form token with a charset': {
      method: 'POST',
      lines: ['Content-Type: application/x-www-form-urlencoded; charset=utf-8'],
      body: `access_token=${good}`,
    },
    'a form token with its media type in capitals': {
      method: 'POST',
      lines: ['Content-Type: APPLICATION/X-WWW-FORM-URLENCODED'],
      body: `access_token=${good}`,
    },
    'a form token beside another scheme': form(`access_token=${good}`, ['Authorization: Basic dTpw']),
    'a header and a form without token': form('a=b', header),
    'a header and a form token on GET, which has no body': form('access_token=x', header, { method: 'GET' }),
    'a header and a JSON body': {
      method: 'POST',
      lines: [...header, 'Content-Type: application/json'],
      body: JSON.stringify({ access_token: 'x' }),
    },
  }
  const lenient: Record<string, RawRequest> = {
    'a query token that is ignored': { target: '/orders?access_token=a', lines: header },
    'a query token in brackets that is ignored': { target: '/orders?access_token[]=a', lines: header },
  }
  const of = (api: AcceptedRequest['api'], table: Record<string, RawRequest | string>): AcceptedRequest[] =>
    Object.entries(table).map(([name, request]) => ({ name, api, request }))
  return [...of('plain', plain), ...of('forms', forms), ...of('lenient', lenient)]
}
