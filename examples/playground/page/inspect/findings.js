import { verifies } from './signature.js'
import { lengthOf, moment } from './times.js'

// What the orders API looks at, in the order in which it does. Each finding is about one member:
// { part, name, value, outcome: 'good' | 'refused' | 'note', text, reason? }. The first refusal decides the answer.

const ALGORITHMS = /^(?:[REP]S(?:256|384|512)|EdDSA|Ed25519)$/

const LONGEST_NAME = 256

/** Members that other kinds of token have, and access tokens have not (RFC 8725 §3.12). */
const FOREIGN = new Map([
  ...['nonce', 'at_hash', 'c_hash', 's_hash', 'events', 'token_introspection', 'htm', 'htu', 'status_list'].map(
    (name) => [name, () => true],
  ),
  ['active', (value) => typeof value === 'boolean'],
  ['token_use', (value) => /^(?:id|refresh)(?:_token)?$/i.test(value)],
  ['typ', (value) => /^(?:id|refresh|offline|logout)$/i.test(value)],
])

/** All there is to say about a JWT. */
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
      ? say('alg', alg, 'good', 'how it is signed; on the list of this API (RFC 8725 §3.1)')
      : say(
          'alg',
          alg,
          'refused',
          'not on the list of this API. None, or a shared secret, would let others write tokens (RFC 8725 §3.1)',
          'algorithm',
        ),
    isAccessToken
      ? say('typ', typ, 'good', 'says that this is an access token (RFC 9068 §2.1)')
      : say('typ', typ, 'refused', 'does not say that this is an access token (RFC 9068 §4)', 'token_type'),
    kid?.length > LONGEST_NAME
      ? say('kid', kid, 'refused', `longer than the ${LONGEST_NAME} characters that the API reads`, 'token_too_large')
      : keyWith(kid, keys)
        ? say('kid', kid, 'good', 'which key of the authorization server signed it')
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
      'an extension that must be understood, and is not (RFC 7515 §4.1.11)',
      'malformed',
    )
  }
  if (['jwk', 'jku', 'x5u', 'x5c'].includes(name)) {
    return say(
      name,
      value,
      'note',
      'a key that comes with the token is never used: anybody could bring theirs (RFC 8725 §3.10)',
    )
  }
  return say(name, value, 'note', 'not looked at')
}

const keyWith = (kid, { keys }) => keys.find((key) => key.kid === kid)

function ofClaims(claims, { issuer, resource, now }) {
  const say = finding('Claims')
  const { iss, aud, exp, iat, nbf, sub, client_id, jti, scope, scp, cnf, ...rest } = claims
  return [
    iss === issuer
      ? say('iss', iss, 'good', 'exactly the authorization server this API trusts (RFC 9068 §4)')
      : say('iss', iss, 'refused', 'not the authorization server this API trusts (RFC 8725 §3.8)', 'issuer'),
    ofAudience(say, aud, resource),
    ofExpiry(say, exp, now),
    ofIssue(say, iat, now),
    ...(nbf === undefined ? [] : [ofStart(say, nbf, now)]),
    required(say, 'sub', sub, 'whom the token is about: a person, or the client itself'),
    required(say, 'client_id', client_id, 'who uses it'),
    required(say, 'jti', jti, 'a name of its own'),
    ...ofScope(say, { scope, scp }),
    ...ofBinding(say, cnf),
    ...Object.entries(rest).map(([name, value]) =>
      FOREIGN.get(name)?.(value)
        ? say(
            name,
            value,
            'refused',
            'access tokens have no such claim: this is a token of another kind (RFC 8725 §3.12)',
            'token_type',
          )
        : say(name, value, 'note', 'handed on to the handler'),
    ),
  ]
}

function ofAudience(say, aud, resource) {
  const listed = Array.isArray(aud) ? aud : [aud]
  if (aud !== undefined && !listed.every((one) => typeof one === 'string')) {
    return say('aud', aud, 'refused', 'neither a text nor a list of texts (RFC 7519 §4.1.3)', 'malformed')
  }
  if (listed.includes(resource)) return say('aud', aud, 'good', 'names this API (RFC 9068 §4)')
  const meaning = `does not name this API, ${resource}: it is for somebody else (RFC 9068 §4)`
  return say('aud', aud, 'refused', meaning, aud === undefined ? 'missing_claim' : 'audience')
}

function ofScope(say, given) {
  const present = Object.entries(given).filter(([, value]) => typeof value === 'string' || Array.isArray(value))
  if (present.length === 0) return [say('scope', given.scope, 'note', 'it permits nothing that needs a scope')]
  return present.map(([name, value]) =>
    say(name, value, 'good', 'what it permits; each route says what it needs (RFC 6749 §3.3)'),
  )
}

/** `1e999` in JSON is a number, and a time that never comes. */
const noTime = (say, name, value) => say(name, value, 'refused', 'no number of seconds (RFC 7519 §2)', 'malformed')

function ofExpiry(say, exp, now) {
  if (exp !== undefined && !Number.isFinite(exp)) return noTime(say, 'exp', exp)
  if (exp === undefined) return say('exp', exp, 'refused', 'every access token ends (RFC 9068 §2.2)', 'missing_claim')
  return exp > now
    ? say('exp', exp, 'good', `expires ${moment(exp, now)} (RFC 7519 §4.1.4)`)
    : say('exp', exp, 'refused', `expired ${moment(exp, now)} (RFC 7519 §4.1.4)`, 'expired')
}

function ofIssue(say, iat, now) {
  if (iat !== undefined && !Number.isFinite(iat)) return noTime(say, 'iat', iat)
  if (iat === undefined)
    return say('iat', iat, 'refused', 'says when it was issued, and is missing (RFC 9068 §2.2)', 'missing_claim')
  // A clock may show the next second already.
  return iat <= now + 1
    ? say('iat', iat, 'good', `issued ${moment(iat, now)}`)
    : say('iat', iat, 'refused', `claims to be issued ${moment(iat, now)}`, 'not_yet_valid')
}

function ofStart(say, nbf, now) {
  if (!Number.isFinite(nbf)) return noTime(say, 'nbf', nbf)
  return nbf <= now
    ? say('nbf', nbf, 'good', `good since ${lengthOf(now - nbf)} ago`)
    : say('nbf', nbf, 'refused', `not good before ${moment(nbf, now)} (RFC 7519 §4.1.5)`, 'not_yet_valid')
}

const required = (say, name, value, meaning) =>
  typeof value === 'string'
    ? say(name, value, 'good', meaning)
    : value === undefined
      ? say(name, value, 'refused', `${meaning}; missing (RFC 9068 §2.2)`, 'missing_claim')
      : say(name, value, 'refused', `${meaning}; no text`, 'malformed')

function ofBinding(say, cnf) {
  if (cnf === undefined) {
    return [say('cnf', undefined, 'note', 'bound to no key: whoever holds this token can use it (RFC 6750 §1.2)')]
  }
  if (typeof cnf?.jkt === 'string') {
    return [
      say('cnf', cnf, 'note', 'bound to a key: it counts only with a proof of that key in each request (RFC 9449 §6)'),
    ]
  }
  if (typeof cnf?.['x5t#S256'] === 'string') {
    return [
      say('cnf', cnf, 'note', 'bound to a certificate: it counts only over TLS with that certificate (RFC 8705 §3)'),
    ]
  }
  return [say('cnf', cnf, 'refused', 'bound in a way the API cannot check here (RFC 7800 §3.1)', 'confirmation')]
}

async function ofSignature(token, keys) {
  const say = finding('Signature')
  const key = keyWith(token.header.kid, keys)
  const shown = `${token.signature.length} bytes`
  if (token.signature.length === 0)
    return say('signature', shown, 'refused', 'there is none (RFC 7515 §5.2)', 'malformed')
  if (key === undefined || key.alg !== token.header.alg) {
    return say('signature', shown, 'refused', 'there is no key to check it with', 'unknown_key')
  }
  const good = await verifies(token, key)
  if (good === undefined) return say('signature', shown, 'note', 'this browser cannot check it')
  return good
    ? say('signature', shown, 'good', 'verifies: the authorization server wrote exactly this (RFC 7515 §5.2)')
    : say(
        'signature',
        shown,
        'refused',
        'does not verify: header or claims are not what was signed (RFC 7515 §5.2)',
        'signature',
      )
}
