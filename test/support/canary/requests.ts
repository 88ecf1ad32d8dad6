import { encode } from '../../corpus/kit.ts'
import { bearer, type RawRequest } from '../http/raw-client.ts'
import { canary } from './canary.ts'
import type { CanaryIssuer } from './issuer.ts'

const FORM = ['Content-Type: application/x-www-form-urlencoded']

/** Refused requests with canaries, each in a different place, beside those that are in all of them. */
export function hostileRequests({ token }: CanaryIssuer): Readonly<Record<string, RawRequest>> {
  const withToken = (value: string): RawRequest => ({ lines: bearer(value) })
  const twice = (line: string): RawRequest => ({ lines: [line, line] })
  const form = (body: string): RawRequest => ({ method: 'POST', lines: FORM, body })
  const requests: Readonly<Record<string, RawRequest>> = {
    'an opaque token': withToken(canary()),
    'a token with a wrong end': withToken(`${canary()}!`),
    'two words': withToken(`${canary()} ${canary()}`),
    'a header that is not JSON': withToken(`${canary()}.${canary()}.${canary()}`),
    'a header that breaks the parser': withToken(`${encode(`{"alg":${canary()}`)}.e30.AA`),
    'claims that break the parser': withToken(`${encode({ alg: 'ES256' })}.${encode(`{"a":${canary()}`)}.AA`),
    'an alg': withToken(token({}, { alg: canary() })),
    'a kid': withToken(token({}, { kid: canary() })),
    'a typ': withToken(token({}, { typ: canary() })),
    'a jku': withToken(token({}, { kid: canary(), jku: `https://${canary()}.example/` })),
    'a signature': withToken(token({}, {}, `${canary().padEnd(85, 'A')}A`)),
    'an issuer': withToken(token({ iss: `https://${canary()}.example` })),
    'an audience': withToken(token({ aud: canary() })),
    'a time': withToken(token({ exp: canary() })),
    'an expired token': withToken(token({ exp: 1 })),
    'a bound token': withToken(token({ cnf: { jkt: canary() } })),
    'a nonce': withToken(token({ nonce: canary() })),
    'a token without the scope': withToken(token({ scope: canary() })),
    'another scheme': { lines: [`Authorization: ${canary()} ${canary()}`] },
    Basic: { lines: [`Authorization: Basic ${canary()}`] },
    'a DPoP token and proof': {
      lines: [`Authorization: DPoP ${canary()}`, `DPoP: ${canary()}.${canary()}.${canary()}`],
    },
    'two lines': twice(`Authorization: Bearer ${canary()}`),
    'two lines of another scheme': twice(`Authorization: Basic ${canary()}`),
    'a token in the query': { target: `/orders?access_token=${canary()}` },
    'another value in the query': { target: `/orders?code=${canary()}` },
    'a token in a form': form(`access_token=${canary()}`),
    'two tokens in a form': form(`access_token=${canary()}&access_token=${canary()}`),
    'a form of wrong syntax': form(`access_token=${canary()}%20${canary()}`),
    'a cookie': { lines: [`Cookie: session=${canary()}`, 'Sec-Fetch-Site: same-origin'] },
    'the header of a proxy': { lines: [`X-Token: ${canary()}`] },
    'a subprotocol': { lines: [`Sec-WebSocket-Protocol: orders, bearer.${canary()}`] },
  }
  return Object.fromEntries(
    Object.entries(requests).map(([name, { lines = [], ...rest }]) => [
      name,
      { ...rest, lines: [...lines, ...ABOUT()] },
    ]),
  )
}

/** What applications log about any request. */
const ABOUT = (): readonly string[] => [
  `User-Agent: ${canary()}`,
  `X-Request-Id: ${canary()}`,
  `X-Forwarded-For: ${canary()}`,
  `Traceparent: 00-${canary()}-00f067aa0ba902b7-01`,
]
