/** A fact that changes with the steps of a test, such as whether a key is published. */
export class History {
  readonly #changes: { readonly step: number; readonly value: boolean }[]

  constructor(initial: boolean) {
    this.#changes = [{ step: 0, value: initial }]
  }

  get now(): boolean {
    return this.#changes.at(-1)?.value as boolean
  }

  set(step: number, value: boolean): void {
    this.#changes.push({ step, value })
  }

  /** Whether it had this value at any time from one step to another, both included. */
  wasEver(value: boolean, from: number, to: number): boolean {
    // From the newest change back: recent times matter most.
    for (let index = this.#changes.length - 1; index >= 0; index--) {
      const change = this.#changes[index] as { readonly step: number; readonly value: boolean }
      if (change.step <= to && change.value === value) return true
      if (change.step <= from) return false
    }
    return false
  }
}

/** The clock of the test: which second it was at which step. */
export class ClockHistory {
  readonly #times: { readonly step: number; readonly time: number }[]

  constructor(begin: number) {
    this.#times = [{ step: 0, time: begin }]
  }

  get now(): number {
    return this.#times.at(-1)?.time as number
  }

  advance(step: number, seconds: number): void {
    this.#times.push({ step, time: this.now + seconds })
  }

  timeAt(step: number): number {
    for (let index = this.#times.length - 1; index >= 0; index--) {
      const entry = this.#times[index] as { readonly step: number; readonly time: number }
      if (entry.step <= step) return entry.time
    }
    throw new RangeError(`step ${step} is before the beginning`)
  }

  /** The first step whose time is less than `age` seconds before that of `step`; with an age of 0, `step` itself. */
  since(step: number, age: number): number {
    if (age === 0) return step
    const limit = this.timeAt(step) - age
    let first = step
    for (let index = this.#times.length - 1; index >= 0; index--) {
      const entry = this.#times[index] as { readonly step: number; readonly time: number }
      if (entry.time <= limit) break
      first = Math.min(first, entry.step)
    }
    return first
  }
}
