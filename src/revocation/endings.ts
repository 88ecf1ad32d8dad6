import { monotonicNow } from '../util/runtime.ts'
import { FOREVER, type NumericDate } from '../util/time.ts'

interface Ending {
  readonly id: string
  readonly expiresAt: NumericDate
}

/** What ends at some time. */
export interface Endings {
  add(ending: Ending, now: NumericDate): void
  /** Removes the one that ends first, if it has ended, by the wall clock and by the time that has passed since it was added. */
  takeEnded(now: NumericDate): Ending | undefined
}

/**
 * A binary heap, because entries do not end in the order in which they were added: some are for a `before` in the future,
 * or were made with a longer `maxLifetime`. None of them may keep the place of others.
 *
 * Its order is that of a clock that never jumps: a wall clock that is ahead for a moment must not end anything for good.
 */
export function createEndings(): Endings {
  const heap: Ending[] = []
  /** When each of them ends, in milliseconds on that clock. In a list of their own, numbers take the least memory. */
  const times: number[] = []
  const at = (index: number): number => times[index] ?? FOREVER

  function swap(one: number, other: number): void {
    const [first, second] = [heap[one] as Ending, heap[other] as Ending]
    const [firstTime, secondTime] = [at(one), at(other)]
    heap[one] = second
    heap[other] = first
    times[one] = secondTime
    times[other] = firstTime
  }

  function add(ending: Ending, now: NumericDate): void {
    times.push(monotonicNow() + (ending.expiresAt - now) * 1000)
    let index = heap.push(ending) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (at(parent) <= at(index)) break
      swap(parent, index)
      index = parent
    }
  }

  function removeFirst(): void {
    swap(0, heap.length - 1)
    heap.pop()
    times.pop()
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const child = at(left + 1) < at(left) ? left + 1 : left
      if (at(index) <= at(child)) return
      swap(index, child)
      index = child
    }
  }

  return {
    add,
    takeEnded(now) {
      for (;;) {
        const [first] = heap
        if (!first || monotonicNow() < at(0)) return undefined
        removeFirst()
        if (first.expiresAt <= now) return first
        add(first, now) // the wall clock was set back
      }
    },
  }
}
