import { ISSUER, NOW } from '../corpus/kit.ts'
import { kit } from './kit.ts'

export const AUDIENCE = 'https://receiver.example'
export const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/'
export const RISC = 'https://schemas.openid.net/secevent/risc/event-type/'
export const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/'

type Over = Readonly<Record<string, unknown>>

export const USER = { format: 'iss_sub', iss: ISSUER, sub: 'user-1' }

/** A good security event token (RFC 8417 §2.2), with overrides of its claims, its event and its header. */
export const securityEvent = (
  type: string,
  claims: Over = {},
  event: Over = {},
  header: Over = {},
  signer = kit.signers.ES256,
) =>
  kit.token({
    claims: {
      iss: ISSUER,
      aud: AUDIENCE,
      iat: NOW,
      jti: 'event-1',
      sub_id: USER,
      events: { [type]: event },
      ...claims,
    },
    header: kit.header({ typ: 'secevent+jwt', ...header }, signer),
    signer,
  })

const revoked = (claims: Over = {}, event: Over = {}, header: Over = {}, signer = kit.signers.ES256) =>
  securityEvent(`${CAEP}session-revoked`, claims, event, header, signer)

const bad = (name: string, err: string, code: string, token: string) => ({ name, err, code, token })

/** Security events that revoke nothing, with the error code of RFC 8935 §2.4, and that of the event. */
export const BAD_EVENTS = [
  bad('another transmitter', 'invalid_issuer', 'issuer', revoked({ iss: 'https://other.example' })),
  bad('no iss', 'invalid_issuer', 'issuer', revoked({ iss: undefined })),
  bad('another audience', 'invalid_audience', 'audience', revoked({ aud: 'https://other.example' })),
  bad('no audience', 'invalid_audience', 'audience', revoked({ aud: undefined })),
  bad('the type of logout tokens', 'invalid_request', 'type', revoked({}, {}, { typ: 'logout+jwt' })),
  bad('the type of access tokens', 'invalid_request', 'type', revoked({}, {}, { typ: 'at+jwt' })),
  bad('no type', 'invalid_request', 'type', revoked({}, {}, { typ: undefined })),
  bad('an empty jti', 'invalid_request', 'id', revoked({ jti: '' })),
  bad('a jti that is no text', 'invalid_request', 'id', revoked({ jti: 1 })),
  bad('events that are a list', 'invalid_request', 'event', revoked({ events: [`${CAEP}session-revoked`] })),
  bad(
    'one event that is no object',
    'invalid_request',
    'event',
    revoked({ events: { [`${CAEP}session-revoked`]: {}, [`${SSF}verification`]: null } }),
  ),
  bad('a time more than a minute ahead', 'invalid_request', 'time', revoked({}, { event_timestamp: NOW + 60.5 })),
  bad('a time before the epoch', 'invalid_request', 'time', revoked({}, { event_timestamp: -1 })),
  bad('no jti', 'invalid_request', 'id', revoked({ jti: undefined })),
  bad('no iat', 'invalid_request', 'time', revoked({ iat: undefined })),
  bad('issued in the future', 'invalid_request', 'time', revoked({ iat: NOW + 31 })),
  bad('expired', 'invalid_request', 'time', revoked({ exp: NOW - 31 })),
  bad('no events', 'invalid_request', 'event', revoked({ events: undefined })),
  bad('empty events', 'invalid_request', 'event', revoked({ events: {} })),
  bad('an event that is no object', 'invalid_request', 'event', revoked({ events: { [`${CAEP}session-revoked`]: 1 } })),
  bad('no subject', 'invalid_request', 'subject', revoked({ sub_id: undefined })),
  bad(
    'a subject of another issuer',
    'access_denied',
    'denied',
    revoked({ sub_id: { ...USER, iss: 'https://other.example' } }),
  ),
  bad(
    'an e-mail address',
    'invalid_request',
    'subject',
    revoked({ sub_id: { format: 'email', email: 'a@b.example' } }),
  ),
  bad('an empty sub', 'invalid_request', 'subject', revoked({ sub_id: { ...USER, sub: '' } })),
  bad('an empty opaque id', 'invalid_request', 'subject', revoked({ sub_id: { format: 'opaque', id: '' } })),
  bad('a user that is too long', 'invalid_request', 'subject', revoked({ sub_id: { ...USER, sub: 'u'.repeat(1025) } })),
  bad(
    'a token ID that is too long',
    'invalid_request',
    'subject',
    revoked({ sub_id: { format: 'jwt_id', iss: ISSUER, jti: 'j'.repeat(1025) } }),
  ),
  bad(
    'an identifier that is too long',
    'invalid_request',
    'subject',
    revoked({ sub_id: { format: 'opaque', id: 'i'.repeat(1025) } }),
  ),
  bad(
    'a complex subject of a device',
    'invalid_request',
    'subject',
    revoked({ sub_id: { format: 'complex', device: USER } }),
  ),
  bad(
    'a good user and a bad session',
    'invalid_request',
    'subject',
    revoked({ sub_id: { format: 'complex', user: USER, session: {} } }),
  ),
  bad('a time in milliseconds', 'invalid_request', 'time', revoked({}, { event_timestamp: NOW * 1000 })),
  bad('a time that is no number', 'invalid_request', 'time', revoked({}, { event_timestamp: String(NOW) })),
  bad('signed by an attacker', 'invalid_key', 'signature', revoked({}, {}, {}, kit.attacker)),
  bad('alg none', 'invalid_key', 'algorithm', revoked({}, {}, { alg: 'none' })),
  bad('no JWT', 'invalid_request', 'malformed', 'nothing'),
  bad('too large', 'invalid_request', 'too_large', revoked({ more: 'x'.repeat(9000) })),
]
