import { randomUUID, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TestIssuer } from 'bearward/testing'

/** A response, before it is written. */
export interface TokenResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

/** Seconds. */
export const LIFETIME = 3600

const MAX_CHARACTERS = 10_000

/** Issues tokens to the one client (RFC 6749 §4.4). Everything else is an error of RFC 6749 §5.2. */
export async function tokenResponse(
  request: IncomingMessage,
  issuer: TestIssuer,
  allowed: readonly string[],
): Promise<TokenResponse> {
  if (request.method !== 'POST') return failed(405, 'invalid_request', { Allow: 'POST' })
  const form = await formOf(request)
  if (!form) return failed(400, 'invalid_request')
  const { clientId, clientSecret } = issuer.client
  const [id, secret] = credentialsIn(request, form)
  // RFC 6749 §5.2: the scheme that the client has used, or may use.
  if (!(isEqual(id, clientId) && isEqual(secret, clientSecret)))
    return failed(401, 'invalid_client', { 'WWW-Authenticate': 'Basic realm="bearward issuer"' })
  if (form.get('grant_type') !== 'client_credentials') return failed(400, 'unsupported_grant_type')
  // RFC 8707 §2
  if (form.getAll('resource').some((resource) => resource !== issuer.resource)) return failed(400, 'invalid_target')
  const scopes = form.get('scope')?.split(' ') ?? allowed
  if (!scopes.every((scope) => allowed.includes(scope))) return failed(400, 'invalid_scope')
  const scope = scopes.join(' ')
  const token = await issueToken(issuer, { sub: clientId, client_id: clientId, scope })
  return response(200, { access_token: token, token_type: 'Bearer', expires_in: LIFETIME, scope })
}

/** A valid token, or one that has expired, if `age` is longer than it lives. */
export function issueToken(issuer: TestIssuer, claims: Readonly<Record<string, unknown>>, age = 0): Promise<string> {
  const iat = Math.floor(issuer.clock.now()) - age
  return issuer.jwt({ jti: randomUUID(), iat, exp: iat + LIFETIME, ...claims })
}

const response = (
  status: number,
  body: TokenResponse['body'],
  headers: TokenResponse['headers'] = {},
): TokenResponse => ({
  status,
  headers: { 'Cache-Control': 'no-store', ...headers },
  body,
})

const failed = (status: number, error: string, headers: TokenResponse['headers'] = {}): TokenResponse =>
  response(status, { error }, headers)

/** `undefined` if it is too long. */
async function formOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > MAX_CHARACTERS) return undefined
  }
  return new URLSearchParams(text)
}

/** By `client_secret_basic`, or else in the form (RFC 6749 §2.3.1). */
function credentialsIn({ headers }: IncomingMessage, form: URLSearchParams): readonly [id: string, secret: string] {
  const [, basic] = /^Basic ([\w+/=-]+)$/i.exec(headers.authorization ?? '') ?? []
  if (basic === undefined) return [form.get('client_id') ?? '', form.get('client_secret') ?? '']
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':', 2)
  return [id, secret]
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
