import { CREATE_SECRET, LEAST_BYTES } from '../config/secret.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { IntrospectionSettings } from '../introspection/settings.ts'

/** The part of the option `stores` that concerns introspection. */
export interface SharedStores {
  readonly introspection?: unknown
  readonly secret: readonly Uint8Array[] | undefined
}

interface IntrospectingSettings {
  readonly introspection: IntrospectionSettings | undefined
}

/**
 * What an issuer needs if its responses are in a shared store: a name, if they are the results of a function, because only
 * the name distinguishes them from those of another one; and a secret that authenticates them.
 *
 * @throws {ConfigurationError}
 */
export function requireSharable<S extends IntrospectingSettings>(settings: S, option: string, stores: SharedStores): S {
  const { introspection } = settings
  if (!stores.introspection || !introspection) return settings
  if (introspection.by === 'function' && introspection.name === undefined) {
    throw new ConfigurationError(
      `${option}.introspect.name`,
      'is missing: it identifies the function in stores.introspection',
    )
  }
  if (!recordSecretsOf(settings, stores)) throw new ConfigurationError('stores.secret', HOW_TO_CREATE)
  return settings
}

const HOW_TO_CREATE = `is missing: it authenticates the records in stores.introspection, unless each issuer has a client secret of at least ${LEAST_BYTES} bytes; ${CREATE_SECRET}`

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
