import type { JwtClaims } from '../access-token/jwt-claims.ts'
import type { IssuerOptions } from '../issuers/options.ts'
import type { ResourceServerOptions } from '../options.ts'
import type { MetadataOptions } from '../resource-metadata/options.ts'
import type { StoreOptions } from '../stores/options.ts'

/** As `IssuerOptions` of `bearward`, without introspection. */
export type JwtIssuerOptions = Omit<IssuerOptions, 'introspection' | 'introspect' | 'tokenPrefix'>

/** As `StoreOptions` of `bearward`, for revocations. */
export type JwtStoreOptions = Pick<StoreOptions, 'secret'>

/** As `MetadataOptions` of `bearward`, without a signature. */
export type JwtMetadataOptions = Omit<MetadataOptions, 'signed'>

/**
 * As `ResourceServerOptions` of `bearward`, without introspection, issuers known at run time, DPoP, mutual TLS and
 * signed metadata.
 */
export interface JwtResourceServerOptions<
  Scope extends string = string,
  Claims = JwtClaims,
  Native extends object = object,
> extends Omit<
    ResourceServerOptions<Scope, Claims, Native>,
    'issuer' | 'dpop' | 'mtls' | 'publicUrl' | 'stores' | 'metadata'
  > {
  /** The authorization servers whose tokens are accepted: one or several. */
  readonly issuer: string | JwtIssuerOptions | readonly (string | JwtIssuerOptions)[]
  /** What several processes share. */
  readonly stores?: JwtStoreOptions
  /** Additions to the protected resource metadata (RFC 9728), which is otherwise derived from the other options. */
  readonly metadata?: JwtMetadataOptions
}
