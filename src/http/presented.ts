import type { ResourceRequest } from '../http-message.ts'
import { type CredentialSources, tokensElsewhere } from './credential-sources.ts'

/** What a request presented when it was decided. A copy, because a request object can be used again. */
export interface PresentedRequest {
  readonly method: string
  readonly target: string
  readonly authorization: readonly string[]
  /** The `DPoP` header lines; empty where no proof is read. */
  readonly proofs: readonly string[]
  /** The tokens in other sources; empty where none is enabled. */
  readonly elsewhere: readonly string[]
}

const NONE: readonly string[] = Object.freeze([])

/**
 * @param proves whether proofs are read (RFC 9449)
 * @param sources where else a token may be
 */
export const presentedBy = (
  request: ResourceRequest,
  proves: boolean,
  sources: CredentialSources | undefined,
): PresentedRequest => ({
  method: request.method,
  target: request.target,
  authorization: request.authorization,
  proofs: proves ? (request.headers?.('dpop') ?? NONE) : NONE,
  elsewhere: sources ? tokensElsewhere(request, sources) : NONE,
})

/** Whether it is the same request: a proof is valid for one method and target, and a decision for one credential. */
export const isSamePresented = (one: PresentedRequest, other: PresentedRequest): boolean =>
  one.method === other.method &&
  one.target === other.target &&
  isSameList(one.authorization, other.authorization) &&
  isSameList(one.proofs, other.proofs) &&
  isSameList(one.elsewhere, other.elsewhere)

const isSameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((line, index) => line === other[index])
