import type { MetadataUrl } from '../discovery/fetch-metadata.ts'
import { endpointName } from '../introspection/endpoint-name.ts'
import type { IntrospectionSettings } from '../introspection/settings.ts'

interface DiscoveringSettings {
  readonly keys: { readonly from: string }
  readonly introspection: IntrospectionSettings | undefined
}

/** The metadata members to discover; empty if the options name all URLs. One request serves keys and introspection. */
export function requiredMetadata({ keys, introspection }: DiscoveringSettings): readonly MetadataUrl[] {
  const required: MetadataUrl[] = keys.from === 'discovery' ? ['jwks_uri'] : []
  if (introspection?.by === 'endpoint' && introspection.endpoint === undefined) {
    required.push(endpointName(introspection))
  }
  return required
}
