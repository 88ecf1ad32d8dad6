import { optional, required, shape } from '../src/config/shape.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { audiences, baseUrl } from './internal/arguments.ts'

/** Arguments of {@link gitlab}. */
export interface GitLabOptions {
  /** The `aud` that jobs request with `id_tokens`. */
  readonly audience: string | readonly string[]
  /** The URL of the GitLab instance. Default: `https://gitlab.com`. */
  readonly url?: string
}

const checked = shape({
  audience: required(audiences, 'the aud that jobs request with id_tokens'),
  url: optional(baseUrl, 'https://gitlab.com'),
})

/**
 * ID tokens of GitLab CI/CD jobs. They grant no scopes.
 *
 * **Every project of the instance can get one for your audience**: require yours, such as by `project_id`, on every route.
 *
 * @throws {ConfigurationError} a wrong argument, such as `gitlab.audience`
 */
export function gitlab(options: GitLabOptions): IssuerOptions {
  const { audience, url } = checked(options, 'gitlab')
  return { issuer: url, audience }
}
