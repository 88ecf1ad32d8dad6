import * as oauth from 'oauth4webapi'
import type { Client } from './clients.ts'
import { RESOURCE } from './orders.ts'

// Plain http is allowed on loopback only; the library requires this option.
const ON_LOOPBACK = { [oauth.allowInsecureRequests]: true }

/** The tokens of our clients, obtained from the authorization server by client credentials (RFC 6749 §4.4). */
export class Wallet {
  readonly #metadata: oauth.AuthorizationServer
  readonly #tokens = new Map<string, string>()

  private constructor(metadata: oauth.AuthorizationServer) {
    this.#metadata = metadata
  }

  static async open(issuer: string): Promise<Wallet> {
    const url = new URL(issuer)
    const response = await oauth.discoveryRequest(url, ON_LOOPBACK)
    return new Wallet(await oauth.processDiscoveryResponse(url, response))
  }

  /** The client's current token, or a first one. It may have expired: some rows need that. */
  async token(client: Client, resource = RESOURCE): Promise<string> {
    return this.#tokens.get(keyOf(client, resource)) ?? (await this.renew(client, resource))
  }

  /** A new token, which replaces the current one. */
  async renew({ id, secret, scope }: Client, resource = RESOURCE): Promise<string> {
    const client = { client_id: id }
    const response = await oauth.clientCredentialsGrantRequest(
      this.#metadata,
      client,
      oauth.ClientSecretBasic(secret),
      { scope, resource },
      ON_LOOPBACK,
    )
    const { access_token } = await oauth.processClientCredentialsResponse(this.#metadata, client, response)
    this.#tokens.set(keyOf({ id }, resource), access_token)
    return access_token
  }
}

const keyOf = ({ id }: Pick<Client, 'id'>, resource: string): string => `${id} at ${resource}`
