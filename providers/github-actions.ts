import { required, shape } from '../src/config/shape.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { audiences } from './internal/arguments.ts'

/** Arguments of {@link githubActions}. */
export interface GitHubActionsOptions {
  /** The audience that workflows request. */
  readonly audience: string | readonly string[]
}

const checked = shape({ audience: required(audiences, 'the audience that workflows request') })

/**
 * OIDC tokens of GitHub Actions. They grant no scopes.
 *
 * **Every repository on GitHub can get one for your audience**: require yours, such as by `repository_id`, on every route.
 *
 * @throws {ConfigurationError} a wrong argument: `githubActions.audience`
 */
export function githubActions(options: GitHubActionsOptions): IssuerOptions {
  const { audience } = checked(options, 'githubActions')
  return { issuer: 'https://token.actions.githubusercontent.com', audience }
}
