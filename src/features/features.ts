import type { Hint } from '../config/nearest-name.ts'
import type { Checker, Members } from '../config/validate.ts'
import type { Emitter } from '../events/emitter.ts'
import type { IntrospectionCacheSettings } from '../introspection/cache/cache-layers.ts'
import type { IntrospectionCache } from '../introspection/cache/introspection-cache.ts'
import type { CreateIntrospector, IssuerParts } from '../issuers/create-introspector.ts'
import type { Issuers } from '../issuers/issuer-registry.ts'
import type { IssuerChecks, ResolverSettings } from '../issuers/registry-settings.ts'
import type { SignMetadata } from '../resource-metadata/options.ts'
import type { SenderConstraint, SenderSettings } from '../sender-constraint/sender-constraint.ts'
import type { DpopSettings, MtlsSettings } from '../sender-constraint/settings.ts'
import type { StoreSettings } from '../stores/options.ts'
import type { AttachedRevocation } from '../verifier/revocation.ts'
import type { VerifierFeatures } from '../verifier/token-verifier.ts'
import type { CreateTokenWatches } from '../verifier/token-watches.ts'

// Why: docs/decisions/size.md

/**
 * Introspection, issuers known at run time, sender constraints, signed metadata and watched tokens: `bearward` has them,
 * `bearward/jwt-only` has none. Other folders import only their types, so that a bundle contains them only if its program
 * imports `bearward`.
 */
export interface Features extends VerifierFeatures {
  readonly options: FeatureChecks
  readonly createIntrospector: CreateIntrospector
  createIntrospectionCache(
    settings: IntrospectionCacheSettings,
    events: Emitter,
    revocation: AttachedRevocation | undefined,
  ): IntrospectionCache
  readonly createTokenWatches: CreateTokenWatches
  createResolvedIssuers(settings: ResolverSettings, parts: IssuerParts): Issuers
  createSenderConstraint(settings: SenderSettings, events: Emitter): SenderConstraint
}

/** The checks of their options. */
export interface FeatureChecks extends IssuerChecks {
  /** @param root the members of the outermost object */
  hints(root: Members): Hint
  readonly dpop: Checker<DpopSettings>
  readonly mtls: Checker<MtlsSettings>
  readonly publicUrl: Checker<string>
  readonly stores: Checker<StoreSettings>
  readonly signedMetadata: Checker<SignMetadata>
}
