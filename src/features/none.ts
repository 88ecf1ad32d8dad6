import { nearestName } from '../config/nearest-name.ts'
import { optional, shape } from '../config/shape.ts'
import type { Checker } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { invalidToken, unavailable } from '../errors/refusal.ts'
import type { IntrospectionCache } from '../introspection/cache/introspection-cache.ts'
import type { SenderConstraint } from '../sender-constraint/sender-constraint.ts'
import { createSenderVerifier } from '../sender-constraint/verify-sender.ts'
import type { IntrospectionVerifier } from '../verifier/introspection-verifier.ts'
import { createJwtFormatReader } from '../verifier/token-format.ts'
import type { TokenWatches } from '../verifier/token-watches.ts'
import type { Features } from './features.ts'

const MISSING = "is not part of bearward/jwt-only; import createResourceServer from 'bearward'"

/** An option of `bearward` that would be ignored. */
const missing: Checker<never> = (_, option) => {
  throw new ConfigurationError(option, MISSING)
}

const off =
  <T>(settings: T): Checker<T> =>
  (value, option) =>
    value === 'off' ? settings : missing(value, option)

const refuseCertificate = async () => invalidToken('confirmation')

/** Refuses every bound token, because it cannot be proven. */
const BEARER_ONLY: SenderConstraint = {
  verify: createSenderVerifier(refuseCertificate, undefined),
  checkCertificate: refuseCertificate,
  usedProofs: () => 0,
}

const NO_RESPONSES: IntrospectionCache = {
  isShared: false,
  introspect: async () => unavailable('introspection_unavailable'),
  cached: () => undefined,
  forget: async () => true,
  evictWhere() {},
  forgetWhere() {},
  sizes: () => ({ active: 0, inactive: 0 }),
}

/** Refuses every token, because it cannot be introspected. */
const NO_INTROSPECTION: IntrospectionVerifier = {
  verifyOpaque: async () => invalidToken('malformed'),
  verifyJwt: async () => unavailable('introspection_unavailable'),
  forget: async () => {},
}

const NO_WATCHES: TokenWatches = {
  watch() {
    throw new Error(`bearward: watch() ${MISSING}`)
  },
  changed() {},
  close() {},
}

export const NO_FEATURES: Features = {
  options: {
    hints: () => nearestName,
    introspection: missing,
    introspect: missing,
    tokenPrefix: missing,
    checkIntrospection() {},
    resolver: (value, option) => missing(value, `${option}.resolve`),
    dpop: off({
      mode: 'off',
      nonce: undefined,
      algorithms: [],
      maxAge: 0,
      clockTolerance: 0,
      onStoreFailure: 'refuse',
    }),
    mtls: off({ mode: 'off', proxy: undefined }),
    publicUrl: missing,
    signedMetadata: missing,
    stores: shape({ introspection: optional(missing), replay: optional(missing), secret: optional(missing) }),
  },
  createIntrospector: () => undefined,
  createIntrospectionCache: () => NO_RESPONSES,
  createFormatReader: createJwtFormatReader,
  createIntrospectionVerifier: () => NO_INTROSPECTION,
  createTokenWatches: () => NO_WATCHES,
  createResolvedIssuers: (settings) => missing(settings, 'issuer.resolve'),
  createSenderConstraint: () => BEARER_ONLY,
}
