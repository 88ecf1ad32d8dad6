export type { Answer } from './answer.ts'
export type { ErrorDetails, Reason, WireError } from './errors.ts'
export {
  BearwardError,
  ConfigurationError,
  InsufficientScope,
  InvalidDpopProof,
  InvalidRequest,
  InvalidToken,
  MissingCredentials,
  Unavailable,
  UseDpopNonce,
} from './errors.ts'
export type {
  BearwardEvent,
  BreakerEvent,
  DecisionEvent,
  FetchEvent,
  KeySkippedEvent,
  KeysEvent,
  StoreEvent,
} from './events.ts'
export type { ClaimValue } from './guards/claim.ts'
export { claim } from './guards/claim.ts'
export { allOf, anyOf } from './guards/combine.ts'
export { fresh } from './guards/fresh.ts'
export type { Guard, GuardFunction, GuardLike } from './guards/guard.ts'
export type { Guards } from './guards/guards.ts'
export { anyScope, scope } from './guards/scope.ts'
export type { Fault, UpstreamFault } from './http/upstream-fault.ts'
export type { AskingState } from './introspection/asker.ts'
export type {
  BreakerOptions,
  ClientAuthentication,
  IntrospectionOptions,
  Verdict,
  VerdictOptions,
  VerifyContext,
  VerifyOptions,
  VerifyToken,
} from './introspection/types.ts'
export type { IssuerState } from './issuers/issuer.ts'
export type { Profile } from './jwt/token-kind.ts'
export type { JsonWebKeySet, KeySet, PublicJsonWebKey } from './keys/key-set.ts'
export type { KeysState } from './keys/managed-keys.ts'
export type { MetadataDocument, ProtectedResourceMetadata } from './metadata/metadata.ts'
export type {
  Bytes,
  FreshnessOptions,
  IssuerOptions,
  IssuerResolver,
  JwtClaims,
  LimitOptions,
  ResourceServerOptions,
  StoreOptions,
} from './options/types.ts'
export type { MaybePromise } from './platform/maybe-promise.ts'
export type { NumericDate, Seconds } from './platform/time.ts'
export type { ResourceRequest } from './request.ts'
export type { ResourceServer, ResourceServerState } from './resource-server.ts'
export { createResourceServer } from './resource-server.ts'
export type { JwsAlgorithm } from './signature/algorithms.ts'
export type { VerdictCache } from './stores/verdict-cache.ts'
export type { AccessToken, Authentication, KnownToken } from './token/access-token.ts'
export type { StandardSchema } from './token/standard-schema.ts'
