import * as oauth from 'oauth4webapi'
import type { Registration } from '../clients.ts'
import { type ServerResult, speak } from './speak.ts'

/** What a client says about itself (RFC 7591 §2). */
export interface ClientDescription {
  readonly client_name: string
  readonly redirect_uris: string[]
  readonly grant_types: string[]
  readonly response_types: string[]
  readonly token_endpoint_auth_method: 'client_secret_basic' | 'none'
  readonly scope: string
}

/** Registers a client (RFC 7591 §3). @param initialAccessToken permits the registration */
export const register = (
  server: oauth.AuthorizationServer,
  description: ClientDescription,
  initialAccessToken: string,
): Promise<ServerResult<oauth.OmitSymbolProperties<oauth.Client>>> =>
  speak(
    undefined,
    (options) => oauth.dynamicClientRegistrationRequest(server, { ...description }, { ...options, initialAccessToken }),
    oauth.processDynamicClientRegistrationResponse,
  )

/** The registered client, as the other flows have them from the start. */
export function registrationOf(
  { client_name: name }: ClientDescription,
  { client_id: id, client_secret }: oauth.OmitSymbolProperties<oauth.Client>,
): Registration {
  return { id, name, ...(typeof client_secret === 'string' && { secret: client_secret }), more: {} }
}
