import { verifies } from './signature.js'
import { describeTime, lengthOf } from './times.js'

// What the orders API checks, in its order. Each finding concerns one member:
// { part, name, value, outcome: 'good' | 'refused' | 'note', text, reason? }. The first refusal determines the response.

const ALGORITHMS = /^(?:[REP]S(?:256|384|512)|EdDSA|Ed25519)$/

const MAX_KID_LENGTH = 256

/** Members of other token types, which access tokens do not have (RFC 8725 §3.12). */
const FOREIGN = new Map([
  ...['nonce', 'at_hash', 'c_hash', 's_hash', 'events', 'token_introspection', 'htm', 'htu', 'status_list'].map(
    (name) => [name, () => true],
  ),
  ['active', (value) => typeof value === 'boolean'],
  ['token_use', (value) => /^(?:id|refresh)(?:_token)?$/i.test(value)],
  ['typ', (value) => /^(?:id|refresh|offline|logout)$/i.test(value)],
])

/** All findings about a JWT. */
export async function findings(token, { issuer, resource, keys, now }) {
  return [
    ...ofHeader(token.header, keys),
    ...ofClaims(token.claims, { issuer, resource, now }),
    await ofSignature(token, keys),
  ]
}

const finding = (part) => (name, value, outcome, text, reason) => ({ part, name, value, outcome, text, reason })

function ofHeader(header, keys) {
  const say = finding('Header')
  const { alg, typ, kid, ...rest } = header
  const isAccessToken = typeof typ === 'string' && /^(?:application\/)?at\+jwt$/i.test(typ)
  return [
    typeof alg === 'string' && ALGORITHMS.test(alg)
      ? say('alg', alg, 'good', 'the signature algorithm; accepted by this API (RFC 8725 §3.1)')
      : say(
          'alg',
          alg,
          'refused',
          'not accepted by this API. With none or a shared secret, others could forge tokens (RFC 8725 §3.1)',
          'algorithm',
        ),
    isAccessToken
      ? say('typ', typ, 'good', 'declares an access token (RFC 9068 §2.1)')
      : say('typ', typ, 'refused', 'does not declare an access token (RFC 9068 §4)', 'token_type'),
    kid?.length > MAX_KID_LENGTH
      ? say('kid', kid, 'refused', `longer than the API's limit of ${MAX_KID_LENGTH} characters`, 'token_too_large')
      : keyWith(kid, keys)
        ? say('kid', kid, 'good', 'the signing key of the authorization server')
        : say(
            'kid',
            kid,
            'refused',
            'the authorization server of this playground publishes no such key',
            'unknown_key',
          ),
    ...Object.entries(rest).map(([name, value]) => otherOfHeader(say, name, value)),
  ]
}

function otherOfHeader(say, name, value) {
  if (name === 'crit' || name === 'b64') {
    return say(
      name,
      value,
      'refused',
      'a critical extension that the API does not support (RFC 7515 §4.1.11)',
      'malformed',
    )
  }
  if (['jwk', 'jku', 'x5u', 'x5c'].includes(name)) {
    return say(name, value, 'note', 'never used: anyone could put their own key into a token (RFC 8725 §3.10)')
  }
  return say(name, value, 'note', 'not checked')
}

const keyWith = (kid, { keys }) => keys.find((key) => key.kid === kid)

function ofClaims(claims, { issuer, resource, now }) {
  const say = finding('Claims')
  const { iss, aud, exp, iat, nbf, sub, client_id, jti, scope, scp, cnf, ...rest } = claims
  return [
    iss === issuer
      ? say('iss', iss, 'good', 'exactly the trusted authorization server (RFC 9068 §4)')
      : say('iss', iss, 'refused', 'not the authorization server that this API trusts (RFC 8725 §3.8)', 'issuer'),
    ofAudience(say, aud, resource),
    ofExpiry(say, exp, now),
    ofIssue(say, iat, now),
    ...(nbf === undefined ? [] : [ofStart(say, nbf, now)]),
    required(say, 'sub', sub, 'the subject: a user, or the client itself'),
    required(say, 'client_id', client_id, 'the client that uses it'),
    required(say, 'jti', jti, 'its unique identifier'),
    ...ofScope(say, { scope, scp }),
    ...ofBinding(say, cnf),
    ...Object.entries(rest).map(([name, value]) =>
      FOREIGN.get(name)?.(value)
        ? say(
            name,
            value,
            'refused',
            'no access token has this claim: it is another type of token (RFC 8725 §3.12)',
            'token_type',
          )
        : say(name, value, 'note', 'passed to the handler'),
    ),
  ]
}

function ofAudience(say, aud, resource) {
  const listed = Array.isArray(aud) ? aud : [aud]
  if (aud !== undefined && !listed.every((one) => typeof one === 'string')) {
    return say('aud', aud, 'refused', 'neither a string nor a list of strings (RFC 7519 §4.1.3)', 'malformed')
  }
  if (listed.includes(resource)) return say('aud', aud, 'good', 'contains this API (RFC 9068 §4)')
  const meaning = `does not contain this API, ${resource} (RFC 9068 §4)`
  return say('aud', aud, 'refused', meaning, aud === undefined ? 'missing_claim' : 'audience')
}

function ofScope(say, claims) {
  const present = Object.entries(claims).filter(([, value]) => typeof value === 'string' || Array.isArray(value))
  if (present.length === 0)
    return [say('scope', claims.scope, 'note', 'no scope: every route that requires one refuses it')]
  return present.map(([name, value]) =>
    say(name, value, 'good', 'what it permits; each route requires its own scopes (RFC 6749 §3.3)'),
  )
}

/** JSON parses `1e999` as `Infinity`. */
const noTime = (say, name, value) => say(name, value, 'refused', 'not a number of seconds (RFC 7519 §2)', 'malformed')

function ofExpiry(say, exp, now) {
  if (exp !== undefined && !Number.isFinite(exp)) return noTime(say, 'exp', exp)
  if (exp === undefined)
    return say('exp', exp, 'refused', 'missing, but every access token must expire (RFC 9068 §2.2)', 'missing_claim')
  return exp > now
    ? say('exp', exp, 'good', `expires ${describeTime(exp, now)} (RFC 7519 §4.1.4)`)
    : say('exp', exp, 'refused', `expired ${describeTime(exp, now)} (RFC 7519 §4.1.4)`, 'expired')
}

function ofIssue(say, iat, now) {
  if (iat !== undefined && !Number.isFinite(iat)) return noTime(say, 'iat', iat)
  if (iat === undefined)
    return say('iat', iat, 'refused', 'the time of issue; missing (RFC 9068 §2.2)', 'missing_claim')
  // The other clock may already show the next second.
  return iat <= now + 1
    ? say('iat', iat, 'good', `issued ${describeTime(iat, now)}`)
    : say('iat', iat, 'refused', `claims to be issued ${describeTime(iat, now)}`, 'not_yet_valid')
}

function ofStart(say, nbf, now) {
  if (!Number.isFinite(nbf)) return noTime(say, 'nbf', nbf)
  return nbf <= now
    ? say('nbf', nbf, 'good', `valid since ${lengthOf(now - nbf)} ago`)
    : say('nbf', nbf, 'refused', `not valid before ${describeTime(nbf, now)} (RFC 7519 §4.1.5)`, 'not_yet_valid')
}

const required = (say, name, value, meaning) =>
  typeof value === 'string'
    ? say(name, value, 'good', meaning)
    : value === undefined
      ? say(name, value, 'refused', `${meaning}; missing (RFC 9068 §2.2)`, 'missing_claim')
      : say(name, value, 'refused', `${meaning}; not a string`, 'malformed')

function ofBinding(say, cnf) {
  if (cnf === undefined) {
    return [say('cnf', undefined, 'note', 'not bound: anyone who has this token can use it (RFC 6750 §1.2)')]
  }
  if (typeof cnf?.jkt === 'string') {
    return [say('cnf', cnf, 'note', 'bound to a key: each request must prove possession of that key (RFC 9449 §6)')]
  }
  if (typeof cnf?.['x5t#S256'] === 'string') {
    return [say('cnf', cnf, 'note', 'bound to a certificate: it requires TLS with that certificate (RFC 8705 §3)')]
  }
  return [say('cnf', cnf, 'refused', 'bound in a way that the API cannot check (RFC 7800 §3.1)', 'confirmation')]
}

async function ofSignature(token, keys) {
  const say = finding('Signature')
  const key = keyWith(token.header.kid, keys)
  const length = `${token.signature.length} bytes`
  if (token.signature.length === 0)
    return say('signature', length, 'refused', 'there is none (RFC 7515 §5.2)', 'malformed')
  if (key === undefined) {
    return say('signature', length, 'refused', 'there is no key to check it with', 'unknown_key')
  }
  if (key.alg !== token.header.alg) {
    return say('signature', length, 'refused', 'its key is for another algorithm (RFC 8725 §3.1)', 'algorithm')
  }
  const good = await verifies(token, key)
  if (good === undefined) return say('signature', length, 'note', 'this browser cannot check it')
  return good
    ? say('signature', length, 'good', 'verifies: the authorization server signed exactly this (RFC 7515 §5.2)')
    : say(
        'signature',
        length,
        'refused',
        'does not verify: header or claims are not what was signed (RFC 7515 §5.2)',
        'signature',
      )
}
