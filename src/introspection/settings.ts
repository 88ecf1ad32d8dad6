import { type Checked, optional, required, shape, withMembers } from '../config/shape.ts'
import { type Checker, func, httpUrl, MAX, number, oneOf, text, whole } from '../config/validate.ts'
import type { MetadataUrl } from '../discovery/fetch-metadata.ts'
import type { Seconds } from '../util/time.ts'
import { clientShape } from './client-settings.ts'
import { endpointUrl } from './endpoint-url.ts'
import type { IntrospectToken } from './options.ts'

const cache = shape({
  active: optional(number(0, 86_400, 'seconds'), 60),
  inactive: optional(number(0, 86_400, 'seconds'), 10),
})

const breaker = shape({
  failures: optional(whole(1, 1_000_000, 'failures'), 5),
  delay: optional(number(0.001, 3600, 'seconds'), 1),
  maxDelay: ({ delay }: { readonly delay: Seconds }) => optional(number(delay, MAX, 'seconds'), Math.max(30, delay)),
})

/** For introspection at an endpoint and by a function. */
const common = {
  cache: optional(cache, {}),
  deadline: optional(number(0.001, 300, 'seconds'), 2),
  breaker: optional(breaker, {}),
  maxConcurrent: optional(whole(1, 100_000, 'introspections'), 200),
}

const endpointShape = shape({
  client: required(clientShape, 'how this API authenticates at the endpoint'),
  endpoint: optional(httpUrl),
  signed: optional(oneOf('off', 'require'), 'off'),
  ...common,
})

const functionShape = shape(
  {
    check: required(func as Checker<IntrospectToken>),
    name: optional(text),
    ...common,
  },
  'check',
)

/** The checked options for opaque tokens, which are introspected at an endpoint or by a function of the application. */
export type IntrospectionSettings = EndpointSettings | FunctionSettings

export type IntrospectorSettings = Checked<typeof common>

export interface EndpointSettings extends Omit<Checked<typeof endpointShape.members>, 'signed'> {
  readonly by: 'endpoint'
  /** The metadata members to discover. */
  readonly discovers: readonly MetadataUrl[]
  /** True if only signed responses are accepted (RFC 9701). */
  readonly signed: boolean
}

/** The name distinguishes its responses from those of another function in a shared store. */
export interface FunctionSettings extends Checked<typeof functionShape.members> {
  readonly by: 'function'
  readonly discovers: readonly MetadataUrl[]
}

/** The option `introspection` of an issuer. */
export const introspectionShape = withMembers<EndpointSettings>(endpointShape.members, (value, option, hint) => {
  const checked = endpointShape(value, option, hint)
  const discovers = checked.endpoint === undefined ? [endpointUrl(checked)] : []
  return Object.freeze({ ...checked, by: 'endpoint', discovers, signed: checked.signed === 'require' })
})

/** The option `introspect` of an issuer. */
export const introspectShape = withMembers<FunctionSettings>(functionShape.members, (value, option, hint) =>
  Object.freeze({ ...functionShape(value, option, hint), by: 'function', discovers: [] }),
)
