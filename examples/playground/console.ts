import type { OrdersApi } from '../demo/orders.ts'
import { explain } from './api/explain.ts'
import {
  type ApiRoute,
  PAYMENTS,
  PLACES,
  type Place,
  type Presentation,
  PUBLIC_ORIGIN,
  present,
  ROUTES,
  VARIANTS,
} from './api/present.ts'
import { isProofKind, PROOFS, type ProofKind, type Prover } from './client/prover.ts'
import type { HeldToken, NewEntry, Step } from './flow.ts'

/** What was chosen, with the one who proves it where that has to be proven. */
type Request = Presentation & { readonly proving?: { readonly prover: Prover; readonly kind: ProofKind } }

/** The end of each flow: a token is presented to the API, wherever and however the person likes. */
export class Console {
  readonly #apis: readonly OrdersApi[]
  readonly #routes: readonly ApiRoute[]

  constructor(apis: readonly OrdersApi[], flow: string) {
    this.#apis = apis
    this.#routes = flow === 'opaque' ? [...ROUTES, PAYMENTS] : ROUTES
  }

  step(hasToken: boolean): Step {
    return {
      id: 'api',
      title: 'Present it to the API',
      text: hasToken
        ? 'Choose who serves the API, what you want of it, and where the token goes. All three answer alike, to the letter.'
        : 'There is no token yet. Without one the API answers as well: try it now, or get a token first.',
      controls: [],
    }
  }

  /** @param bound whether the tokens of this flow want a proof */
  choices(bound: boolean) {
    return {
      frameworks: this.#apis.map(({ framework }) => framework),
      routes: this.#routes,
      places: Object.entries(PLACES).map(([id, label]) => ({ id, label })),
      proofs: bound ? Object.entries(PROOFS).map(([id, label]) => ({ id, label })) : [],
      variants: Object.entries(VARIANTS).map(([id, { label, of }]) => ({ id, label, of })),
    }
  }

  /** What was chosen, if all of it was on offer. */
  read(chosen: unknown, tokens: ReadonlyMap<string, HeldToken>, prover: Prover | undefined): Request | undefined {
    const { framework, route, place, token, variant, proof } = Object(chosen) as Record<string, unknown>
    const api = this.#apis.find((one) => one.framework === framework)
    const to = this.#routes.find(({ id }) => id === route)
    if (api === undefined || to === undefined || !isPlace(place)) return undefined
    if (token === 'none') return { api, route: to, place }
    const held = tokens.get(String(token))
    if (held === undefined || !isVariant(variant)) return undefined
    const isJwt = held.value.split('.').length === 3
    if (VARIANTS[variant].of === 'jwt' && !isJwt) return undefined
    const request = { api, route: to, place, token: { ...held, value: VARIANTS[variant].change(held.value) } }
    if (held.scheme === 'Bearer') return request
    return prover !== undefined && isProofKind(proof) ? { ...request, proving: { prover, kind: proof } } : undefined
  }

  async send({ proving, ...request }: Request): Promise<NewEntry> {
    const { method, path } = request.route
    const { token } = request
    const proven =
      proving && token && (await proving.prover.prove(proving.kind, method, new URL(path, PUBLIC_ORIGIN), token.value))
    const went = await present(
      proven && token
        ? { ...request, token: { ...token, scheme: proven.scheme }, ...(proven.proof && { proof: proven.proof }) }
        : request,
    )
    const { text, facts } = explain(went)
    return {
      outcome: went.status < 400 ? 'good' : 'refused',
      title: `${request.api.framework} answered ${went.answer.start.replace(/^\S+ /, '')} to ${method} ${path}`,
      text,
      facts: [...facts, ...(proven?.facts ?? [])],
      exchanges: [{ from: 'client', to: 'API', request: went.request, answer: went.answer }],
    }
  }
}

const isPlace = (value: unknown): value is Place => typeof value === 'string' && Object.hasOwn(PLACES, value)

const isVariant = (value: unknown): value is keyof typeof VARIANTS =>
  typeof value === 'string' && Object.hasOwn(VARIANTS, value)
