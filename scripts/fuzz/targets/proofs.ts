import { createHash } from 'node:crypto'
import { createResourceServer } from 'bearward'
import fc from 'fast-check'
import { changedObject, changedText, type Json } from '../arbitraries.ts'
import { outcomeOf, type Target } from '../target.ts'
import { attackersKey, CLAIMS, compact, createKey, HEADER, ISSUER, key, NOW, RESOURCE, sha256 } from '../tokens.ts'

const client = createKey('client')
const { kty, crv, x, y } = client.jwk
const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
const token = compact(HEADER, { ...CLAIMS, cnf: { jkt: thumbprint } }, key)
const PROOF_HEADER = { alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y } }
const PROOF = { htm: 'GET', htu: `${RESOURCE}/orders`, iat: NOW, ath: sha256(token) }
const MAX_AGE = 60

const createServer = () =>
  createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: { keys: [key.jwk] } },
    dpop: { mode: 'require', maxAge: MAX_AGE },
    cacheSize: { replay: 10_000_000 },
    clock: () => NOW,
  })

/**
 * A new one each minute. A server takes a proof for used if it was issued before those whose record has ended, which is
 * every proof here once the first records end: they are all issued at the same time.
 */
let server = createServer()
let createdAt = performance.now()
function currentServer() {
  if (performance.now() - createdAt < MAX_AGE * 1000) return server
  server.close()
  createdAt = performance.now()
  server = createServer()
  return server
}

interface Input {
  readonly header: Json
  readonly claims: Json
  readonly proof: string
  /** Signed by the client, and not changed afterwards. */
  readonly isGenuine: boolean
}

/** Optional whitespace around a header is no part of it (RFC 9110 §5.5). */
const withoutSpace = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '')

const OTHER_HEADERS = { other: attackersKey.jwk, kid: 'client', typ: 'JWT', crit: ['htm'] }
const OTHER_CLAIMS = {
  method: 'POST',
  url: `${RESOURCE}/orders/`,
  past: NOW - 3600,
  exp: NOW - 3600,
  nbf: NOW + 3600,
  nonce: 'n',
}

/** DPoP proofs (RFC 9449 §4.3), with a good token and a new `jti` each. */
export const proofs: Target<Input> = {
  name: 'DPoP proofs',
  input: fc
    .record({
      header: changedObject(PROOF_HEADER, OTHER_HEADERS),
      claims: changedObject(PROOF, OTHER_CLAIMS),
      isGenuine: fc.boolean(),
      isEdited: fc.boolean(),
      jti: fc.uuid(),
    })
    .chain(({ isEdited, isGenuine, jti, header, ...rest }) => {
      const claims = { jti, ...rest.claims }
      const signed = compact(header, claims, isGenuine ? client : attackersKey)
      const proof = isEdited ? changedText(signed) : fc.constant(signed)
      return proof.map((text) => ({
        header,
        claims,
        proof: text,
        isGenuine: isGenuine && withoutSpace(text) === signed,
      }))
    }),
  send({ header, claims, proof, isGenuine }) {
    const call = () =>
      currentServer().authenticate({
        native: {},
        method: 'GET',
        target: '/orders',
        authorization: [`DPoP ${token}`],
        contentType: undefined,
        headers: (name) => (name === 'dpop' ? [proof] : []),
      })
    const { htm, htu, ath, iat } = claims
    const isRecent = typeof iat === 'number' && iat > NOW - 2 * MAX_AGE && iat < NOW + 2 * MAX_AGE
    const isRight = htm === 'GET' && typeof htu === 'string' && htu.includes('/orders') && ath === PROOF.ath && isRecent
    return outcomeOf(call, isGenuine && header.typ === 'dpop+jwt' && header.alg === 'ES256' && isRight)
  },
}
