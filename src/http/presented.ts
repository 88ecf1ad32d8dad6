import type { ResourceRequest } from '../http-message.ts'
import { type CredentialSources, tokensElsewhere } from './credential-sources.ts'

/** What a request presented when it was decided. A copy, because a request object can be used again. */
export interface PresentedRequest {
  readonly target: string
  readonly authorization: readonly string[]
  /** Empty where only the credential and the target decide, as for a bearer token. */
  readonly method: string
  /** The `DPoP` header lines; empty where no proof is read. */
  readonly proofs: readonly string[]
  /** The tokens in other sources; empty where none is enabled. */
  readonly elsewhere: readonly string[]
}

/** What a server reads of a request besides the `Authorization` header and the target. */
export interface PresentedPolicy {
  /** Whether proofs are read (RFC 9449). */
  readonly proves: boolean
  readonly formTokens: 'off' | 'accept'
  /** Where else a token may be. */
  readonly credentials: CredentialSources | undefined
}

const NONE: readonly string[] = Object.freeze([])

/** Reads no more than may decide: reading a request is a noticeable part of a decision about a cached token. */
export function presentedBy(request: ResourceRequest, policy: PresentedPolicy): PresentedRequest {
  const { authorization } = request
  const proves = policy.proves && !isBearerAlone(authorization)
  return {
    target: request.target,
    authorization,
    method: proves || policy.formTokens === 'accept' ? request.method : '',
    proofs: proves ? (request.headers?.('dpop') ?? NONE) : NONE,
    elsewhere: policy.credentials ? tokensElsewhere(request, policy.credentials) : NONE,
  }
}

/** A proof does not matter to a token that is presented as a bearer token. */
const isBearerAlone = (lines: readonly string[]): boolean =>
  lines.length === 1 && (lines[0] as string).startsWith('Bearer ')

/** Whether it is the same request: a proof is valid for one method and target, and a decision for one credential. */
export const isSamePresented = (one: PresentedRequest, other: PresentedRequest): boolean =>
  one.method === other.method &&
  one.target === other.target &&
  isSameList(one.authorization, other.authorization) &&
  isSameList(one.proofs, other.proofs) &&
  isSameList(one.elsewhere, other.elsewhere)

const isSameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((line, index) => line === other[index])
