import { optional, required, shape } from '../src/config/shape.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { audiences, issuerUrl } from './internal/arguments.ts'

/** Arguments of {@link kubernetes}. */
export interface KubernetesOptions {
  /** The `audience` of the projected service account tokens. */
  readonly audience: string | readonly string[]
  /**
   * The `--service-account-issuer` of the cluster; managed clusters have a public one. Default:
   * `https://kubernetes.default.svc.cluster.local`, whose key set is then fetched from the API server in the cluster.
   */
  readonly issuer?: string
}

const checked = shape({
  audience: required(audiences, 'the audience of the projected service account tokens'),
  issuer: optional(issuerUrl),
})

const IN_CLUSTER = 'https://kubernetes.default.svc.cluster.local'

/**
 * Service account tokens of a Kubernetes cluster. They grant no scopes: require the namespace and the service account by `sub`.
 *
 * @throws {ConfigurationError} a wrong argument, such as `kubernetes.audience`
 */
export function kubernetes(options: KubernetesOptions): IssuerOptions {
  const { audience, issuer } = checked(options, 'kubernetes')
  // In the cluster, the metadata names the key set by the address of the API server, which its certificate may not cover.
  return issuer === undefined
    ? { issuer: IN_CLUSTER, audience, keys: `${IN_CLUSTER}/openid/v1/jwks` }
    : { issuer, audience }
}
