import { createIntrospectionCache } from '../introspection/cache/cache-layers.ts'
import { introspectionShape, introspectShape } from '../introspection/settings.ts'
import { createIssuerIntrospector } from '../issuers/issuer-introspection.ts'
import { signedMetadata } from '../resource-metadata/signed-metadata.ts'
import { createSenderConstraint } from '../sender-constraint/sender-constraint.ts'
import { dpopShape, mtlsShape, publicUrl } from '../sender-constraint/settings.ts'
import { storesShape } from '../stores/options.ts'
import type { Features } from './features.ts'

export const ALL_FEATURES: Features = {
  options: {
    introspection: introspectionShape,
    introspect: introspectShape,
    dpop: dpopShape,
    mtls: mtlsShape,
    publicUrl,
    stores: storesShape,
    signedMetadata,
  },
  createIntrospector: createIssuerIntrospector,
  createIntrospectionCache,
  createSenderConstraint,
}
