import type { OrdersApi } from '../demo/orders.ts'
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
import type { HeldToken, NewEntry, Step } from './flow.ts'

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

  choices() {
    return {
      frameworks: this.#apis.map(({ framework }) => framework),
      routes: this.#routes,
      places: Object.entries(PLACES).map(([id, label]) => ({ id, label })),
      variants: Object.entries(VARIANTS).map(([id, { label, of }]) => ({ id, label, of })),
    }
  }

  /** What was chosen, if all of it was on offer. */
  read(chosen: unknown, tokens: ReadonlyMap<string, HeldToken>): Presentation | undefined {
    const { framework, route, place, token, variant } = Object(chosen) as Record<string, unknown>
    const api = this.#apis.find((one) => one.framework === framework)
    const to = this.#routes.find(({ id }) => id === route)
    if (api === undefined || to === undefined || !isPlace(place)) return undefined
    if (token === 'none') return { api, route: to, place }
    const held = tokens.get(String(token))
    if (held === undefined || !isVariant(variant)) return undefined
    const isJwt = held.value.split('.').length === 3
    if (VARIANTS[variant].of === 'jwt' && !isJwt) return undefined
    return { api, route: to, place, token: { scheme: held.scheme, value: VARIANTS[variant].change(held.value) } }
  }

  async send(request: Presentation): Promise<NewEntry> {
    const went = await present(request)
    const { text, facts } = explain(went)
    const { method, path } = request.route
    return {
      outcome: went.status < 400 ? 'good' : 'refused',
      title: `${request.api.framework} answered ${went.answer.start.replace(/^\S+ /, '')} to ${method} ${path}`,
      text,
      facts,
      exchanges: [{ from: 'client', to: 'API', request: went.request, answer: went.answer }],
    }
  }
}

const isPlace = (value: unknown): value is Place => typeof value === 'string' && Object.hasOwn(PLACES, value)

const isVariant = (value: unknown): value is keyof typeof VARIANTS =>
  typeof value === 'string' && Object.hasOwn(VARIANTS, value)
