import { type ClientDescription, register, registrationOf } from '../client/register.ts'
import type { Registration } from '../clients.ts'
import type { Detail, NewEntry } from '../flow.ts'
import type { Stage } from '../stage.ts'

const SECRET =
  'shown once. It belongs in the server’s secret store or environment; never in an app, a page, an address or a repository (RFC 6749 §2.3.1)'

const MEANING: Readonly<Record<string, string>> = {
  client_id: 'the name of the client in every request; not a secret (RFC 6749 §2.2)',
  client_secret: SECRET,
  client_secret_expires_at: '0: the secret does not expire (RFC 7591 §3.2.1)',
  client_name: 'what users read when they are asked for consent (RFC 7591 §2)',
  redirect_uris:
    'the only addresses a browser is sent back to. Compared character by character, so no one else gets the code (RFC 9700 §2.1)',
  grant_types: 'how it may get tokens: with codes, and later with refresh tokens (RFC 7591 §2)',
  response_types: '`code`: no token ever comes through the browser (RFC 9700 §2.1.2)',
  token_endpoint_auth_method: 'how it proves its identity when it asks for tokens (RFC 7591 §2)',
  scope: 'the most it may ask for; the user decides for each sign-in (RFC 7591 §2)',
}

export type Kind = 'confidential' | 'public'

const NAMES: Readonly<Record<Kind, string>> = { confidential: 'My web shop', public: 'My pocket app' }

/** Registers a client of this kind at the authorization server, and explains each field. */
export async function registerClient(
  { metadata, redirectUri, initialAccessToken }: Stage,
  kind: Kind,
): Promise<{ readonly registration: Registration; readonly entry: NewEntry }> {
  const description: ClientDescription = {
    client_name: NAMES[kind],
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: kind === 'public' ? 'none' : 'client_secret_basic',
    scope: 'openid offline_access read:orders write:orders',
  }
  const response = await register(metadata, description, initialAccessToken)
  if (!response.ok) throw new Error(response.error)
  const details: Detail[] = Object.entries(response.result)
    .filter(([name]) => name in MEANING)
    .map(([name, value]) => ({
      name,
      value: Array.isArray(value) ? value.join(' ') : String(value),
      meaning: MEANING[name] ?? '',
    }))
  return {
    registration: registrationOf(description, response.result),
    entry: {
      outcome: 'good',
      title: kind === 'public' ? 'Registered, without a secret' : 'Registered, with a secret',
      text:
        kind === 'public'
          ? 'Everyone who installs the app could read a secret in it, so it gets none (RFC 6749 §2.1). Most people register in a form of their provider: the fields are the same.'
          : 'Only a server can keep the secret, so this client runs on one (RFC 6749 §2.1). Most people register in a form of their provider: the fields are the same.',
      details,
      exchanges: [response.exchange],
    },
  }
}
