import type { JwtClaims } from '../access-token/jwt-claims.ts'
import type { IssuerOptions, IssuerResolver } from '../issuers/options.ts'
import type { ResourceServerOptions } from '../options.ts'
import type { MetadataOptions } from '../resource-metadata/options.ts'
import type { StoreOptions } from '../stores/options.ts'

/** As `IssuerOptions` of `bearward`, without introspection. */
export type JwtIssuerOptions = Omit<IssuerOptions, 'introspection' | 'introspect' | 'tokenPrefix'>

/** As `IssuerResolver` of `bearward`, without introspection. */
export interface JwtIssuerResolver extends Omit<IssuerResolver, 'resolve'> {
  /** Returns the options of a trusted issuer. */
  readonly resolve: (issuer: string) => Omit<JwtIssuerOptions, 'issuer'> | Promise<Omit<JwtIssuerOptions, 'issuer'>>
}

/** As `StoreOptions` of `bearward`, for revocations. */
export type JwtStoreOptions = Pick<StoreOptions, 'secret'>

/** As `MetadataOptions` of `bearward`, without a signature. */
export type JwtMetadataOptions = Omit<MetadataOptions, 'signed'>

/** As `ResourceServerOptions` of `bearward`, without introspection, DPoP, mutual TLS and signed metadata. */
export interface JwtResourceServerOptions<
  Scope extends string = string,
  Claims = JwtClaims,
  Native extends object = object,
> extends Omit<
    ResourceServerOptions<Scope, Claims, Native>,
    'issuer' | 'dpop' | 'mtls' | 'publicUrl' | 'stores' | 'metadata'
  > {
  /** The authorization servers whose tokens are accepted: one, several, or an object that finds them. */
  readonly issuer: string | JwtIssuerOptions | JwtIssuerResolver | readonly (string | JwtIssuerOptions)[]
  /** What several processes share. */
  readonly stores?: JwtStoreOptions
  /** Additions to the protected resource metadata (RFC 9728), which is otherwise derived from the other options. */
  readonly metadata?: JwtMetadataOptions
}
