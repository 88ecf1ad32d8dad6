/**
 * What a server or a route makes of tokens that are bound to a key of their owner.
 *
 * `off`: not known; a bound token is refused, since its proof cannot be checked. `accept`: bearer tokens and bound ones.
 * `require`: bound ones only. `warn`: as `accept`, and an event tells of each token that `require` would have refused.
 */
export type BindingMode = 'off' | 'accept' | 'require' | 'report-only'

/** The modes of one route. */
export interface BindingModes {
  readonly dpop: BindingMode
  readonly mtls: BindingMode
}
