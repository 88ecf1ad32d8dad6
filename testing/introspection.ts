import { base64url } from 'jose'
import { isObject } from '../src/util/encoding.ts'
import type { NumericDate } from '../src/util/time.ts'
import type { RequestLog } from './issuer-requests.ts'
import { isSignedByOneOf, type SigningKey, signParts } from './signing-key.ts'

type Json = Readonly<Record<string, unknown>>

/** How the resource server authenticates at the introspection endpoint. */
export interface IntrospectionClient {
  readonly method: 'client_secret_basic' | 'client_secret_post'
  readonly clientId: string
  readonly clientSecret: string
}

export interface IntrospectionContext {
  readonly issuer: string
  readonly client: IntrospectionClient
  readonly requests: RequestLog
  now(): NumericDate
  keys(): readonly SigningKey[]
}

/** The tokens an issuer has issued, and its introspection responses (RFC 7662 §2.2). */
export interface TokenRegister {
  add(token: string, members: Json): void
  revoke(token: string): void
  /** Serves the introspection endpoint. */
  respond(request: Request): Promise<Response>
}

const SIGNED = 'application/token-introspection+jwt'

export function createTokenRegister({ issuer, client, requests, now, keys }: IntrospectionContext): TokenRegister {
  const claimsByToken = new Map<string, Json>()
  const revoked = new Set<string>()

  async function introspect(token: string): Promise<Json> {
    const claims = claimsByToken.get(token) ?? (await claimsOf(token, keys()))
    const isExpired = typeof claims?.exp === 'number' && claims.exp <= now()
    if (!claims || isExpired || revoked.has(token)) return { active: false }
    return { active: true, token_type: hasKey(claims) ? 'DPoP' : 'Bearer', ...claims }
  }

  return {
    add: (token, members) => void claimsByToken.set(token, members),
    revoke: (token) => void revoked.add(token),
    async respond(request) {
      const form = new URLSearchParams(await request.text())
      if (request.method !== 'POST') return json({ error: 'invalid_request' }, 405)
      if (!isClient(client, request, form)) return json({ error: 'invalid_client' }, 401)
      const token = form.get('token') ?? ''
      requests.recordToken(token)
      const members = await introspect(token)
      // RFC 9701 §4: the client requests a signed response by Accept.
      if (request.headers.get('accept') !== SIGNED) return json(members)
      const key = keys().at(-1)
      if (!key) return json({ error: 'server_error' }, 500)
      const claims = { iss: issuer, aud: client.clientId, iat: Math.floor(now()), token_introspection: members }
      const text = await signParts({ alg: key.alg, kid: key.kid, typ: 'token-introspection+jwt' }, claims, key)
      return new Response(text, { headers: { 'content-type': SIGNED } })
    },
  }
}

/** JWTs are not registered: the signature identifies those of this issuer. */
async function claimsOf(token: string, keys: readonly SigningKey[]): Promise<Json | undefined> {
  if (!(await isSignedByOneOf(token, keys))) return undefined
  try {
    const claims: unknown = JSON.parse(new TextDecoder().decode(base64url.decode(token.split('.')[1] ?? '')))
    return isObject(claims) ? claims : undefined
  } catch {
    return undefined // signed, but not claims
  }
}

const hasKey = ({ cnf }: Json): boolean => typeof cnf === 'object' && cnf !== null && 'jkt' in cnf

/** RFC 6749 §2.3.1: accepts either method, whatever `client.method` says, because tests are rarely about that. */
function isClient({ clientId, clientSecret }: IntrospectionClient, request: Request, form: URLSearchParams): boolean {
  const basic = `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}`
  if (request.headers.get('authorization') === basic) return true
  return form.get('client_id') === clientId && form.get('client_secret') === clientSecret
}

const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

export const json = (body: object, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
