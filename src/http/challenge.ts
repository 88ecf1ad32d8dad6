import type { Reason } from '../errors/reasons.ts'
import type { Refusal } from '../errors/refusal.ts'
import type { Scheme } from './credentials.ts'
import { isScopeToken, quotedParameter } from './grammar.ts'

export interface ResponseStyle {
  readonly realm: string
  /** The URL of the protected resource metadata (RFC 9728 §5.1), while it is served. */
  resourceMetadata(): string | undefined
  /** The algorithms a DPoP proof may be signed with, as `algs` lists them (RFC 9449 §7.1). */
  readonly proofAlgorithms: readonly string[]
  readonly body: 'oauth' | 'problem'
  readonly detail: 'full' | 'minimal'
}

/** What the route requires and which scheme the request used. */
export interface ChallengeContext {
  /** The scopes to name: those the route requires, if a token with them would help. */
  readonly scopes: readonly string[]
  /** The schemes the route accepts, at least one. */
  readonly schemes: readonly Scheme[]
  /** The scheme of the request; `undefined` if it had none that this server supports. */
  readonly used: Scheme | undefined
}

// Why: docs/decisions/challenges.md

/**
 * The `WWW-Authenticate` header of a refusal: one challenge in the scheme of the request, which contains the error, and
 * one for each other scheme of the route if another scheme would help (RFC 6750 §3, RFC 9110 §11.6.1). All are in one
 * header line, since some frameworks send only the last of several.
 */
export function challenges(refusal: Refusal, style: ResponseStyle, context: ChallengeContext): string {
  const { schemes, used } = context
  const first = schemes.find((scheme) => scheme === used) ?? schemes[0] ?? 'Bearer'
  const others = mayTryAnotherScheme(refusal, used) ? schemes.filter((scheme) => scheme !== first) : []
  return [
    challenge(first, style, context.scopes, errorParameters(refusal, style)),
    ...others.map((scheme) => challenge(scheme, style, context.scopes)),
  ].join(', ')
}

const HELPED_BY_ANOTHER_SCHEME: readonly Reason[] = ['no_credentials', 'several_credentials', 'confirmation', 'unbound']

/** A client that sent a DPoP proof is never offered a scheme without proof of possession. */
const mayTryAnotherScheme = (refusal: Refusal, used: Scheme | undefined): boolean =>
  used !== 'DPoP' && HELPED_BY_ANOTHER_SCHEME.includes(refusal.reason)

type Parameter = string | false | undefined

function challenge(
  scheme: Scheme,
  style: ResponseStyle,
  scopes: readonly string[],
  ofError: readonly Parameter[] = [],
): string {
  const scope = scopes.filter(isScopeToken).join(' ')
  const metadata = style.resourceMetadata()
  const parameters: readonly Parameter[] = [
    quotedParameter('realm', style.realm),
    ...ofError,
    scope !== '' && quotedParameter('scope', scope),
    scheme === 'DPoP' && quotedParameter('algs', style.proofAlgorithms.join(' ')),
    metadata !== undefined && quotedParameter('resource_metadata', metadata),
  ]
  return `${scheme} ${parameters.filter(Boolean).join(', ')}`
}

function errorParameters({ kind, description, details }: Refusal, style: ResponseStyle): readonly Parameter[] {
  const { acr = [], maxAge } = details
  return [
    kind.error && quotedParameter('error', kind.error),
    kind.error && style.detail === 'full' && quotedParameter('error_description', description),
    // RFC 9470 §3
    acr.length > 0 && quotedParameter('acr_values', acr.join(' ')),
    maxAge !== undefined && quotedParameter('max_age', String(maxAge)),
  ]
}
