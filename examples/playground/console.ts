import type { ApiCopy } from './api/copies.ts'
import { explain } from './api/explain.ts'
import {
  type ApiRoute,
  PAYMENTS,
  PLACES,
  type Place,
  type Presentation,
  present,
  ROUTES,
  VARIANTS,
} from './api/present.ts'
import { whyOf } from './api/why.ts'
import type { Possession } from './client/possession.ts'
import type { HeldToken, NewEntry, Step } from './flow.ts'

/** The chosen request, and the proof of possession for a bound token. */
interface Request {
  readonly presentation: Presentation
  readonly showing?: { readonly possession: Possession; readonly attempt: string }
}

/** The last step of each flow: the user sends a token to the API in any way. */
export class Console {
  readonly #apis: readonly ApiCopy[]
  readonly #routes: readonly ApiRoute[]

  constructor(apis: readonly ApiCopy[], flow: string) {
    this.#apis = apis
    this.#routes = flow === 'opaque' ? [...ROUTES, PAYMENTS] : ROUTES
  }

  step(hasToken: boolean): Step {
    return {
      id: 'api',
      title: 'The client calls the API with the token',
      text: hasToken
        ? 'Choose the route, and where to put the token; then change the token, and see it refused. All three frameworks send exactly the same response.'
        : 'There is no token yet. Try a request without one, or get a token first.',
      controls: [],
    }
  }

  /** @param possession the proof of possession, if the tokens of this flow are bound */
  choices(possession: Possession | undefined) {
    return {
      frameworks: this.#apis.map(({ framework }) => framework),
      routes: this.#routes,
      places: Object.entries(PLACES).map(([id, label]) => ({ id, label })),
      possession: possession && {
        legend: possession.legend,
        attempts: Object.entries(possession.attempts).map(([id, { label }]) => ({ id, label })),
      },
      variants: Object.entries(VARIANTS).map(([id, { label, of }]) => ({ id, label, of })),
    }
  }

  /** The chosen request; `undefined` if a choice is invalid. */
  read(
    chosen: unknown,
    tokens: ReadonlyMap<string, HeldToken>,
    possession: Possession | undefined,
  ): Request | undefined {
    const choice = Object(chosen) as Record<string, unknown>
    const presentation = this.#presentation(choice, tokens)
    if (presentation === undefined || possession === undefined) return presentation && { presentation }
    const attempt = String(choice.attempt)
    if (!Object.hasOwn(possession.attempts, attempt)) return undefined
    return { presentation, showing: { possession, attempt } }
  }

  #presentation(
    { framework, route, place, token, variant }: Record<string, unknown>,
    tokens: ReadonlyMap<string, HeldToken>,
  ): Presentation | undefined {
    const api = this.#apis.find((one) => one.framework === framework)
    const to = this.#routes.find(({ id }) => id === route)
    if (api === undefined || to === undefined || !isPlace(place)) return undefined
    if (token === 'none') return { api, route: to, place }
    const held = tokens.get(String(token))
    if (held === undefined || !isVariant(variant)) return undefined
    const isJwt = held.value.split('.').length === 3
    if (VARIANTS[variant].of === 'jwt' && !isJwt) return undefined
    return { api, route: to, place, variant, token: { ...held, value: VARIANTS[variant].change(held.value) } }
  }

  #inWords({ api, place, token, variant = 'whole' }: Presentation, attempt: string | undefined): readonly string[] {
    if (token === undefined) return [api.framework, 'no token']
    return [api.framework, token.kind ?? 'token', VARIANTS[variant].label, PLACES[place], ...(attempt ? [attempt] : [])]
  }

  async send({ presentation, showing }: Request): Promise<NewEntry> {
    const { api, route } = presentation
    const attempt = showing?.possession.attempts[showing.attempt]
    const applied = await showing?.possession.apply(showing.attempt, presentation)
    const exchange = await present(applied?.presentation ?? presentation)
    const { request, response, tls } = exchange
    const { text, details } = explain(exchange, whyOf(presentation, exchange, attempt?.flaw))
    return {
      choices: this.#inWords(presentation, attempt?.label),
      outcome: exchange.status < 400 ? 'good' : 'refused',
      title: `${api.framework} responded with ${response.start.replace(/^\S+ /, '')} to ${route.method} ${route.path}`,
      text,
      details: [...details, ...(applied?.details ?? [])],
      exchanges: [{ from: attempt?.by ?? 'client', to: 'API', ...(tls && { tls }), request, response }],
    }
  }
}

const isPlace = (value: unknown): value is Place => typeof value === 'string' && Object.hasOwn(PLACES, value)

const isVariant = (value: unknown): value is keyof typeof VARIANTS =>
  typeof value === 'string' && Object.hasOwn(VARIANTS, value)
