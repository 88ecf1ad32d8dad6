import { hintsIn } from '../config/hints.ts'
import { createIntrospectionCache } from '../introspection/cache/cache-layers.ts'
import { introspectionShape, introspectShape } from '../introspection/settings.ts'
import { checkIntrospection, tokenPrefix } from '../issuers/check-introspection.ts'
import { createIssuerIntrospector } from '../issuers/issuer-introspection.ts'
import { createResolvedIssuers } from '../issuers/resolved-issuers.ts'
import { issuerResolver } from '../issuers/resolver-settings.ts'
import { signedMetadata } from '../resource-metadata/signed-metadata.ts'
import { createSenderConstraint } from '../sender-constraint/sender-constraint.ts'
import { dpopShape, mtlsShape, publicUrl } from '../sender-constraint/settings.ts'
import { storesShape } from '../stores/options.ts'
import { createIntrospectionVerifier } from '../verifier/introspection-verifier.ts'
import { createFormatReader } from '../verifier/jwt-or-opaque.ts'
import { createTokenWatches } from '../verifier/token-watches.ts'
import type { Features } from './features.ts'

const introspectionChecks = { introspection: introspectionShape, introspect: introspectShape, tokenPrefix }

export const ALL_FEATURES: Features = {
  options: {
    hints: hintsIn,
    ...introspectionChecks,
    checkIntrospection,
    resolver: issuerResolver(introspectionChecks, checkIntrospection),
    dpop: dpopShape,
    mtls: mtlsShape,
    publicUrl,
    stores: storesShape,
    signedMetadata,
  },
  createIntrospector: createIssuerIntrospector,
  createIntrospectionCache,
  createFormatReader,
  createIntrospectionVerifier,
  createResolvedIssuers,
  createTokenWatches,
  createSenderConstraint,
}
