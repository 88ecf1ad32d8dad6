import { FLOWS } from './flows/flows.ts'
import { Run } from './run.ts'
import type { Stage } from './stage.ts'

/** The runs of one browser. */
export class Session {
  readonly #stage: Stage
  readonly #runs = new Map<string, Run>()
  #latest: string | undefined

  constructor(stage: Stage) {
    this.#stage = stage
  }

  /** The run of a flow, created on first use. */
  run(id: string): Run | undefined {
    const flow = FLOWS.find((one) => one.id === id)
    if (flow === undefined) return undefined
    const run = this.#runs.get(id) ?? new Run(flow, this.#stage)
    this.#runs.set(id, run)
    return run
  }

  /** The run with the latest action, which receives the authorization response. */
  get latest(): { readonly id: string; readonly run: Run } | undefined {
    const id = this.#latest
    const run = id === undefined ? undefined : this.#runs.get(id)
    return id === undefined || run === undefined ? undefined : { id, run }
  }

  did(id: string): void {
    this.#latest = id
  }

  restart(id: string): void {
    this.#runs.delete(id)
  }
}

const MAX_SESSIONS = 100

/** Sessions by cookie value. The oldest is evicted if there are too many. */
export class Sessions {
  readonly #stage: Stage
  readonly #sessions = new Map<string, Session>()

  constructor(stage: Stage) {
    this.#stage = stage
  }

  find(id: string | undefined): Session | undefined {
    return id === undefined ? undefined : this.#sessions.get(id)
  }

  open(): { readonly id: string; readonly session: Session } {
    const id = crypto.randomUUID()
    const session = new Session(this.#stage)
    this.#sessions.set(id, session)
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest)
    return { id, session }
  }
}
