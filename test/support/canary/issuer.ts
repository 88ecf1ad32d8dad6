import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { IssuerOptions } from 'bearward'
import { createSigner } from '../../corpus/keys.ts'
import { encode } from '../../corpus/kit.ts'
import { CLIENT } from '../issuer/introspection-endpoint.ts'
import { json, RESOURCE } from '../issuer/issuer.ts'
import { createUpstreamServer, notFound } from '../upstream/server.ts'
import { canary, plant } from './canary.ts'

/** How it responds. In all but the first it fails, and quotes the request. */
export const MODES = ['good', 'html', 'broken', 'array', 'redirect', 'type', 'keyless'] as const
export type Mode = (typeof MODES)[number]

/** An issuer that has secrets in the body of every response. */
export interface CanaryIssuer {
  readonly url: string
  mode: Mode
  /** Options that introspect opaque tokens at it. */
  readonly introspecting: IssuerOptions
  /** Claims with a canary in every value that can have one. */
  claims(over?: Readonly<Record<string, unknown>>): Record<string, unknown>
  /** A JWT with such claims; good unless a part says otherwise. */
  token(
    over?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
    signature?: string,
  ): string
  /** An opaque token that is active. */
  opaque(): string
  stop(): Promise<void>
}

export const signer = createSigner('ES256', 'one')

const JSON_TYPE = { 'content-type': 'application/json' }

/** @param quoted what was sent to the issuer */
const RESPOND: Readonly<Record<Mode, (response: ServerResponse, good: object, quoted: string) => void>> = {
  good: (response, good) => json(response, good),
  html: (response, _, quoted) =>
    response.writeHead(500, { 'x-secret': canary() }).end(`<html>${canary()} ${quoted}</html>`),
  broken: (response, good, quoted) =>
    response.writeHead(200, JSON_TYPE).end(`${JSON.stringify(good)} ${canary()} ${quoted}`),
  array: (response, _, quoted) => json(response, [canary(), quoted]),
  redirect: (response, _, quoted) =>
    response.writeHead(302, { location: `https://${canary()}.example/?${encodeURIComponent(quoted)}` }).end(canary()),
  type: (response, good) => response.writeHead(200, { 'content-type': `text/${canary()}` }).end(JSON.stringify(good)),
  keyless: (response, good, quoted) => json(response, { ...good, keys: [{ kty: canary() }], active: quoted }),
}

export async function createCanaryIssuer(): Promise<CanaryIssuer> {
  const active = new Set<string>()
  const upstream = await createUpstreamServer((request, response) => void respond(request, response))
  const { url } = upstream
  const now = () => Math.floor(Date.now() / 1000)

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const good = goodFor(request.url ?? '', body)
    if (good) RESPOND[issuer.mode](response, good, `${request.headers.authorization} ${body}`)
    else notFound(request, response)
  }

  function goodFor(path: string, body: string): object | undefined {
    if (path === '/.well-known/openid-configuration')
      return { issuer: url, jwks_uri: `${url}/keys`, 'x-secret': canary(), service_documentation: canary() }
    if (path === '/keys') {
      const own = { ...signer.jwk, 'x-secret': canary(), x5c: [canary()] }
      return { keys: [own, { kty: 'oct', k: canary(), kid: 'symmetric' }] }
    }
    if (path !== '/introspect') return undefined
    const isActive = active.has(new URLSearchParams(body).get('token') ?? '')
    return isActive ? { active: true, ...issuer.claims() } : { active: false, 'x-secret': canary() }
  }

  const issuer: CanaryIssuer = {
    url,
    mode: 'good',
    introspecting: {
      issuer: url,
      deadline: 20,
      introspection: { endpoint: `${url}/introspect`, client: CLIENT, deadline: 20 },
    },
    claims: (over) => ({
      iss: url,
      aud: RESOURCE,
      exp: now() + 60,
      iat: now(),
      sub: canary(),
      client_id: canary(),
      jti: canary(),
      scope: `read:orders ${canary()}`,
      email: `${canary()}@example.com`,
      nested: { list: [canary()] },
      ...over,
    }),
    token(over, header, signature) {
      const members = { alg: 'ES256', kid: 'one', typ: 'at+jwt', 'x-secret': canary(), ...header }
      const input = `${encode(members)}.${encode(issuer.claims(over))}`
      return plant(`${input}.${signature ?? signer.sign(input).toString('base64url')}`)
    },
    opaque() {
      const token = canary()
      active.add(token)
      return token
    },
    stop: () => upstream.stop(),
  }
  return issuer
}
