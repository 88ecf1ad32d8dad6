import type { HttpResponse, ResponseHeaders } from '../http-message.ts'

/** Why a request that reports revocations is not accepted. The sentences go to the sender, so they are fixed. */
const PROBLEMS = {
  method: 'The method is not POST',
  media_type: 'This endpoint does not accept the media type',
  body: 'The body must contain exactly one token',
  too_large: 'The body is larger than this server accepts',
  malformed: 'The token is malformed',
  algorithm: 'The token is signed with an algorithm that is not accepted',
  type: 'The token has another type',
  issuer: 'The issuer of the token is not trusted',
  audience: 'The token is meant for another recipient',
  exp: 'The token has no exp',
  time: 'The token has expired, is not valid yet, or lacks its times',
  signature: 'The signature of the token is invalid',
  event: 'The token has no event for this endpoint',
  nonce: 'The token has a nonce, so it is an ID token',
  subject: 'The token names neither a user nor a session nor a token in a supported format',
  id: 'The token has no jti',
  denied: 'The transmitter may not revoke tokens of this issuer',
  authorization: 'The Authorization header is not the configured one',
  unavailable: 'The token cannot be verified now',
  failed: 'The revocation cannot be stored now',
  full: 'No more revocations can be stored now',
} as const

export type Problem = keyof typeof PROBLEMS

/** A request that is not accepted. Nothing is revoked. */
export class Rejection {
  readonly problem: Problem

  constructor(problem: Problem) {
    this.problem = problem
  }

  get description(): string {
    return PROBLEMS[this.problem]
  }

  get status(): number {
    return STATUS[this.problem] ?? 400
  }
}

const STATUS: { readonly [Name in Problem]?: number } = {
  method: 405,
  authorization: 401,
  unavailable: 503,
  failed: 503,
  full: 503,
}

/** RFC 9111: a response to what reports a revocation must reach its sender. */
export const NO_STORE: ResponseHeaders = Object.freeze({ 'Cache-Control': 'no-store' })

/** @param body the error as the specification of the endpoint writes it */
export function responseTo(
  { problem, status }: Rejection,
  body: Readonly<Record<string, string>>,
  more: ResponseHeaders = {},
): HttpResponse {
  const headers: Record<string, string> = { ...NO_STORE, ...more }
  if (problem === 'method') return { status, headers: { ...headers, Allow: 'POST' }, body: '' }
  if (status === 503) headers['Retry-After'] = '1'
  headers['Content-Type'] = 'application/json'
  return { status, headers, body: JSON.stringify(body) }
}
