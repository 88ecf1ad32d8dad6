import { CREATE_SECRET, LEAST_BYTES } from '../config/secret.ts'
import type { IntrospectionSettings } from '../introspection/settings.ts'

/** The part of the option `stores` that concerns introspection. */
export interface SharedStores {
  readonly introspection?: unknown
  readonly secret: readonly Uint8Array[] | undefined
}

interface IntrospectingSettings {
  readonly introspection: IntrospectionSettings | undefined
}

/** Of `stores.secret`. */
export const SECRET_MISSING = `is missing: it authenticates the records in stores.introspection, unless each issuer has a client secret of at least ${LEAST_BYTES} bytes; ${CREATE_SECRET}`

/** The secrets that authenticate the responses of an issuer in a shared store: those of the options, or its client secret. */
export function recordSecretsOf(
  { introspection }: IntrospectingSettings,
  stores: SharedStores,
): readonly Uint8Array[] | undefined {
  if (!stores.introspection || stores.secret) return stores.secret
  const client = introspection?.by === 'endpoint' ? introspection.client : undefined
  const own = client && 'clientSecret' in client ? new TextEncoder().encode(client.clientSecret) : undefined
  return own && own.length >= LEAST_BYTES ? [own] : undefined
}
