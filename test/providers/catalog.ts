import type { IssuerOptions, IssuerResolver } from 'bearward'
import type { Provider } from '../docs/tokens/shape.ts'

/** A provider: the options for it, and tokens that it issues. The table on docs/providers.md is generated from these. */
export interface ProviderCase {
  readonly name: string
  /** The page in docs/providers/, if there is one. */
  readonly page?: string
  /** The table shows the text of what it returns. */
  readonly options: () => IssuerOptions | IssuerResolver
  readonly tokens: Provider
  /** A token that is accepted. */
  readonly good: string
  /** Tokens of the same provider that are refused. */
  readonly wrong: readonly [string, string, string]
}

export const API = 'https://api.example.com'
