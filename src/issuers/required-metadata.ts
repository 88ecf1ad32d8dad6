import { JWKS_URI, type MetadataUrl } from '../discovery/fetch-metadata.ts'
import type { IntrospectionSettings } from '../introspection/settings.ts'

interface DiscoveringSettings {
  readonly keys: { readonly from: string }
  readonly introspection: IntrospectionSettings | undefined
}

/** The metadata members to discover; empty if the options name all URLs. One request serves keys and introspection. */
export function requiredMetadata({ keys, introspection }: DiscoveringSettings): readonly MetadataUrl[] {
  return [...(keys.from === 'discovery' ? [JWKS_URI] : []), ...(introspection?.discovers ?? [])]
}
