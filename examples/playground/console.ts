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
import type { Possession } from './client/possession.ts'
import type { HeldToken, NewEntry, Step } from './flow.ts'

/** What was chosen, with the way to show that the token is one's own, where there is something to show. */
interface Request {
  readonly presentation: Presentation
  readonly showing?: { readonly possession: Possession; readonly attempt: string }
}

/** The end of each flow: a token is presented to the API, wherever and however the person likes. */
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
      title: 'Present it to the API',
      text: hasToken
        ? 'Choose who serves the API, what you want of it, and where the token goes. All three answer alike, to the letter.'
        : 'There is no token yet. Without one the API answers as well: try it now, or get a token first.',
      controls: [],
    }
  }

  /** @param possession of what the tokens of this flow are bound to */
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

  /** What was chosen, if all of it was on offer. */
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
    return { api, route: to, place, token: { ...held, value: VARIANTS[variant].change(held.value) } }
  }

  async send({ presentation, showing }: Request): Promise<NewEntry> {
    const { api, route } = presentation
    const attempt = showing?.possession.attempts[showing.attempt]
    const applied = await showing?.possession.apply(showing.attempt, presentation)
    const went = await present(applied?.presentation ?? presentation)
    const { request, answer, tls } = went
    const { text, facts } = explain(went, attempt?.flaw)
    return {
      outcome: went.status < 400 ? 'good' : 'refused',
      title: `${api.framework} answered ${answer.start.replace(/^\S+ /, '')} to ${route.method} ${route.path}`,
      text,
      facts: [...facts, ...(applied?.facts ?? [])],
      exchanges: [{ from: attempt?.by ?? 'client', to: 'API', ...(tls && { tls }), request, answer }],
    }
  }
}

const isPlace = (value: unknown): value is Place => typeof value === 'string' && Object.hasOwn(PLACES, value)

const isVariant = (value: unknown): value is keyof typeof VARIANTS =>
  typeof value === 'string' && Object.hasOwn(VARIANTS, value)
