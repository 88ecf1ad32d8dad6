import type { MetadataUrl } from '../discovery/fetch-metadata.ts'
import { isObject } from '../util/encoding.ts'

const PLAIN: MetadataUrl = {
  name: 'introspection_endpoint',
  read: (metadata) => metadata.introspection_endpoint,
}

/** For clients that authenticate by certificate (RFC 8705 §5). */
const WITH_CERTIFICATE: MetadataUrl = {
  name: 'mtls_introspection_endpoint',
  read: ({ mtls_endpoint_aliases: aliases, introspection_endpoint: plain }) =>
    (isObject(aliases) ? aliases.introspection_endpoint : undefined) ?? plain,
}

/** The metadata member that names the endpoint (RFC 8414 §2, RFC 8705 §5). */
export const endpointUrl = ({ client }: { readonly client: { readonly method: string } }): MetadataUrl =>
  client.method === 'none' ? WITH_CERTIFICATE : PLAIN
