import { Console } from './console.ts'
import type { ActiveFlow, Arrival, Entry, Flow, HeldToken, Journal, NewEntry, Step } from './flow.ts'
import type { Stage } from './stage.ts'

/** A flow as the page displays it. */
export interface RunView {
  readonly flow: string
  readonly steps: readonly (Step & { readonly entries: readonly Entry[] })[]
  readonly tokens: readonly HeldToken[]
  readonly console: ReturnType<Console['choices']>
}

/** One user's run of one flow. */
export class Run {
  readonly #flow: Flow
  readonly #going: ActiveFlow
  readonly #console: Console
  readonly #entries: Entry[] = []
  readonly #tokens = new Map<string, HeldToken>()
  #busy: Promise<unknown> = Promise.resolve()

  constructor(flow: Flow, stage: Stage) {
    this.#flow = flow
    const journal: Journal = {
      add: (step, entry) => this.#add(step, entry),
      store: (token) => {
        this.#tokens.delete(token.id) // keeps the newest last
        this.#tokens.set(token.id, token)
      },
    }
    this.#going = flow.begin(stage, journal)
    this.#console = new Console(stage.apis, flow.id)
  }

  /** @returns false if the flow has no such action */
  async act(name: string): Promise<boolean> {
    if (!Object.hasOwn(this.#going.actions, name)) return false
    await this.#inTurn(this.#going.actions[name])
    return true
  }

  /** @returns false if a choice is invalid */
  async present(chosen: unknown): Promise<boolean> {
    const request = this.#console.read(chosen, this.#tokens, this.#going.possession)
    if (request === undefined) return false
    await this.#inTurn(async () => this.#add('api', await this.#console.send(request)))
    return true
  }

  async arrive(arrival: Arrival): Promise<void> {
    await this.#inTurn(() => this.#going.callback?.(arrival))
  }

  view(): RunView {
    const steps = [...this.#going.steps(), this.#console.step(this.#tokens.size > 0)]
    return {
      flow: this.#flow.id,
      steps: steps.map((step) => ({ ...step, entries: this.#entries.filter((entry) => entry.step === step.id) })),
      tokens: [...this.#tokens.values()],
      console: this.#console.choices(this.#going.possession),
    }
  }

  /** Runs actions one after the other: a second click waits for the first. */
  #inTurn(act: (() => Promise<void> | undefined) | undefined): Promise<void> {
    const next = this.#busy.then(() => act?.())
    this.#busy = next.catch(() => undefined)
    return next
  }

  #add(step: string, { choices = [], details = [], exchanges = [], ...rest }: NewEntry): void {
    this.#entries.push({ id: this.#entries.length + 1, step, choices, details, exchanges, ...rest })
  }
}
