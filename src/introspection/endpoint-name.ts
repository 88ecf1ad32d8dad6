import type { MetadataUrl } from '../discovery/fetch-metadata.ts'
import type { EndpointSettings } from './settings.ts'

/** The metadata member that names the endpoint (RFC 8414 §2, RFC 8705 §5). */
export const endpointName = ({ client }: EndpointSettings): MetadataUrl =>
  client.method === 'none' ? 'mtls_introspection_endpoint' : 'introspection_endpoint'
