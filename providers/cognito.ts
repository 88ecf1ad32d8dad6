import { optional, required, shape } from '../src/config/shape.ts'
import { type Checker, oneOf } from '../src/config/validate.ts'
import { ConfigurationError } from '../src/errors/errors.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { matching, names } from './internal/arguments.ts'

/** Arguments of {@link cognito}. */
export interface CognitoOptions {
  /** The AWS region, such as `eu-west-1`. */
  readonly region: string
  /** The ID of the user pool, such as `eu-west-1_AbCdEfGhI`. */
  readonly userPoolId: string
  /** The IDs of the app clients whose tokens are accepted: tokens have no `aud`. */
  readonly clients: readonly string[]
  /** The issuer type of the user pool, which decides the `iss` of its tokens. Default: `'ORIGINAL'`. */
  readonly issuerType?: 'ORIGINAL' | 'UPDATED'
}

const userPoolId = ({ region }: { readonly region: string }) => {
  const check: Checker<string> = (value, option) => {
    const id = matching(/^[a-z\d-]+_[a-z\d]+$/i, `the ID of a user pool, such as "${region}_AbCdEfGhI"`)(value, option)
    // The region is a part of the ID, and another one names a pool that does not exist.
    if (!id.startsWith(`${region}_`)) throw new ConfigurationError(option, `must begin with ${region}_`)
    return id
  }
  return required(check, 'the ID of the user pool')
}

const checked = shape({
  region: required(
    matching(/^[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}$/, 'an AWS region such as "eu-west-1"'),
    'the AWS region',
  ),
  userPoolId,
  clients: required(names, 'the IDs of the app clients whose tokens are accepted'),
  issuerType: optional(oneOf('ORIGINAL', 'UPDATED'), 'ORIGINAL'),
})

/** The domain of an AWS partition, by how its regions begin. */
const SUFFIXES: ReadonlyMap<string | undefined, string> = new Map([
  ['cn', 'amazonaws.com.cn'],
  ['eusc', 'amazonaws.eu'],
])
const suffixOf = (region: string): string => SUFFIXES.get(region.split('-', 1)[0]) ?? 'amazonaws.com'

/**
 * Access tokens of an Amazon Cognito user pool. They have no `aud`, so `clients` takes its place. That does not say which API
 * a token is for: require a scope of your resource server in Cognito on every route.
 *
 * @throws {ConfigurationError} a wrong argument, such as `cognito.userPoolId`
 */
export function cognito(options: CognitoOptions): IssuerOptions {
  const { region, userPoolId, clients, issuerType } = checked(options, 'cognito')
  const pool = `cognito-idp.${region}.${suffixOf(region)}/${userPoolId}`
  if (issuerType === 'ORIGINAL') return { issuer: `https://${pool}`, audience: null, clients }
  const issuer = `https://issuer-${pool}`
  return { issuer, audience: null, clients, keys: `${issuer}/.well-known/jwks.json` }
}
