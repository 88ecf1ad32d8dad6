/**
 * How a server or a route treats sender-constrained tokens.
 *
 * `off`: a bound token is refused, because its proof is not checked. `accept`: both bearer tokens and bound tokens.
 * `require`: only bound tokens. `report-only`: like `accept`, with an event for each token that `require` would have
 * refused.
 */
export type BindingMode = 'off' | 'accept' | 'require' | 'report-only'

/** The modes of one route. */
export interface BindingModes {
  readonly dpop: BindingMode
  readonly mtls: BindingMode
}
