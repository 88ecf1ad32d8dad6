export type { AccessToken, VerifiedToken } from './access-token/access-token.ts'
export type { Authentication } from './access-token/authentication.ts'
export type { AuthorizationDetail } from './access-token/authorization-details.ts'
export type { Confirmation } from './access-token/confirmation.ts'
export type { JwtClaims } from './access-token/jwt-claims.ts'
export type { ScopeGraph } from './access-token/scope-graph.ts'
export type { ScopeGraphOption } from './access-token/scope-settings.ts'
export type { StandardSchema } from './claims/standard-schema.ts'
export type { CacheSizeOptions } from './config/cache-size.ts'
export type { Bytes, LimitOptions } from './config/limits.ts'
export type { Secret } from './config/secret.ts'
export { createResourceServer } from './create-resource-server.ts'
export type { Allowed, Decision, Refused } from './decision.ts'
export type { ErrorDetails } from './errors/errors.ts'
export {
  BearwardError,
  ConfigurationError,
  InsufficientScope,
  InsufficientUserAuthentication,
  InvalidRequest,
  InvalidToken,
  MissingCredentials,
  Unavailable,
} from './errors/errors.ts'
export type { WireError } from './errors/kind.ts'
export { InvalidDpopProof, UseDpopNonce } from './errors/proof-errors.ts'
export type { Reason, RefusedClaim } from './errors/reasons.ts'
export type { Subscription } from './events/emitter.ts'
export type {
  BearwardEvent,
  BreakerEvent,
  ConfigurationEvent,
  DecisionEvent,
  FetchEvent,
  IssuerEvictedEvent,
  KeySkippedEvent,
  KeysEvent,
  LookupsLimitedEvent,
  ReportEvent,
  RevocationEvent,
  StoreEvent,
} from './events/events.ts'
export { authentication } from './guards/authentication.ts'
export { authorizationDetails } from './guards/authorization-details.ts'
export type { ClaimValue } from './guards/claim.ts'
export { claim } from './guards/claim.ts'
export { allOf, anyOf } from './guards/combinators.ts'
export type { Guard, GuardContext, GuardFunction, GuardLike } from './guards/guard.ts'
export { introspected } from './guards/introspected.ts'
export { reportOnly } from './guards/report-only.ts'
export type { Guards } from './guards/route-guards.ts'
export { anyScope, scope } from './guards/scope.ts'
export { dpop, mtls } from './guards/sender-constraint.ts'
export type { CookieCredentialOptions, CredentialOptions } from './http/credential-sources.ts'
export type {
  Endpoint,
  FormBody,
  HttpResponse,
  Peer,
  RequestBody,
  RequestContent,
  ResourceRequest,
} from './http-message.ts'
export type { IntrospectionState } from './introspection/introspector.ts'
export type {
  BreakerOptions,
  ClientAuthentication,
  IntrospectContext,
  IntrospectionCacheOptions,
  IntrospectionOptions,
  IntrospectionResponse,
  IntrospectOptions,
  IntrospectorOptions,
  IntrospectToken,
} from './introspection/options.ts'
export type { Availability } from './issuers/availability.ts'
export type { IssuerState } from './issuers/issuer.ts'
export type { IssuerOptions, IssuerResolver, JwksCacheOptions, LookupOptions } from './issuers/options.ts'
export type { StatusList, StatusListsState } from './issuers/status-list.ts'
export type { KeysState } from './jwks/keys-state.ts'
export type { JsonWebKeySet, KeySet, PublicJsonWebKey } from './jwks/types.ts'
export type { JwsAlgorithm } from './jws/algorithms.ts'
export type { Profile } from './jwt/token-kind.ts'
export type { ResourceServerOptions } from './options.ts'
export type { Languages, MetadataOptions, SignedMetadataOptions } from './resource-metadata/options.ts'
export type { MetadataDocument, ProtectedResourceMetadata } from './resource-metadata/resource-metadata.ts'
export type { BindingMode } from './sender-constraint/mode.ts'
export type { CertificateFormat } from './sender-constraint/mtls/certificate-field.ts'
export type { DpopNonceOptions, DpopOptions, MtlsOptions, MtlsProxyOptions } from './sender-constraint/options.ts'
export type { CacheState, ResourceServer, ResourceServerState } from './server-api.ts'
export type { IntrospectionStore } from './stores/introspection-store.ts'
export type { StoreOptions } from './stores/options.ts'
export type { ReplayStore } from './stores/replay-store.ts'
export type { RevocationPage, RevocationRecord, RevocationStore } from './stores/revocation-store.ts'
export type { UpstreamError, UpstreamErrorCode } from './upstream/upstream-error.ts'
export type { NumericDate, Seconds } from './util/time.ts'
export type { Revocation, RevocationState } from './verifier/revocation.ts'
export type { TokenEnd, TokenWatch } from './verifier/token-watches.ts'
