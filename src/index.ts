export type { Answer } from './answer.ts'
export type { Confirmation } from './binding/confirmation.ts'
export type { BindingMode } from './binding/mode.ts'
export type { CertificateFormat } from './binding/mtls/certificate-field.ts'
export type { ErrorDetails } from './errors.ts'
export {
  BearwardError,
  ConfigurationError,
  InsufficientScope,
  InsufficientUserAuthentication,
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
  WarningEvent,
} from './events.ts'
export { authentication } from './guards/authentication.ts'
export { authorizationDetails } from './guards/authorization-details.ts'
export { dpop, mtls } from './guards/bound.ts'
export type { ClaimValue } from './guards/claim.ts'
export { claim } from './guards/claim.ts'
export { allOf, anyOf } from './guards/combine.ts'
export { fresh } from './guards/fresh.ts'
export type { Guard, GuardContext, GuardFunction, GuardLike } from './guards/guard.ts'
export type { Guards } from './guards/guards.ts'
export { anyScope, scope } from './guards/scope.ts'
export { warn } from './guards/warn.ts'
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
export type { Languages, MetadataOptions, SignedMetadataOptions } from './options/metadata-options.ts'
export type {
  Bytes,
  DpopOptions,
  FreshnessOptions,
  IssuerOptions,
  IssuerResolver,
  JwtClaims,
  LimitOptions,
  MtlsOptions,
  ResourceServerOptions,
  ScopeGraphOption,
  StoreOptions,
} from './options/types.ts'
export type { MaybePromise } from './platform/maybe-promise.ts'
export type { NumericDate, Seconds } from './platform/time.ts'
export type { Reason, WireError } from './reasons.ts'
export type { Peer, ResourceRequest } from './request.ts'
export type { ResourceServer, ResourceServerState } from './resource-server.ts'
export { createResourceServer } from './resource-server.ts'
export type { JwsAlgorithm } from './signature/algorithms.ts'
export type { ReplayStore } from './stores/replay-store.ts'
export type { VerdictCache } from './stores/verdict-cache.ts'
export type { AccessToken, KnownToken } from './token/access-token.ts'
export type { Authentication } from './token/authentication.ts'
export type { AuthorizationDetail } from './token/authorization-details.ts'
export type { ScopeGraph } from './token/scope-graph.ts'
export type { StandardSchema } from './token/standard-schema.ts'
