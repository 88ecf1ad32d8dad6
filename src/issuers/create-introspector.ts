import type { Discovery } from '../discovery/discovery-cache.ts'
import type { Introspector } from '../introspection/introspector.ts'
import type { SigningKeys } from '../jwt/select-key.ts'
import type { Watch } from '../upstream/client.ts'
import type { Closing } from '../upstream/shutdown.ts'
import type { IssuerContext } from './context.ts'
import type { IssuerSettings } from './settings.ts'

/** What the introspection of one issuer uses. */
export interface IntrospectionContext extends IssuerContext {
  readonly watch: Watch
  readonly discovery: Discovery
  readonly keys: SigningKeys | undefined
  readonly closing: Closing
}

export interface IssuerIntrospector {
  readonly introspector: Introspector
  /**
   * Discovers the endpoint, so that the first request does not wait for it.
   *
   * @throws {Unavailable} if it is not found
   */
  ready(): Promise<void>
}

/** The introspection of one issuer; `undefined` if it is not configured. */
export type CreateIntrospector = (
  settings: IssuerSettings,
  context: IntrospectionContext,
) => IssuerIntrospector | undefined

/** What issuers are created with. */
export interface IssuerParts extends IssuerContext {
  readonly createIntrospector: CreateIntrospector
}
