import { FOREVER, type NumericDate } from '../util/time.ts'

interface Ending {
  readonly id: string
  readonly expiresAt: NumericDate
}

/** What ends at some time. */
export interface Endings {
  add(ending: Ending): void
  /** Removes the one that ends first, if it has ended. */
  takeEnded(now: NumericDate): Ending | undefined
}

/**
 * A binary heap, because entries do not end in the order in which they were added: some are for a `before` in the future,
 * or were made with a longer `maxLifetime`. None of them may keep the place of others.
 */
export function createEndings(): Endings {
  const heap: Ending[] = []
  const at = (index: number): NumericDate => heap[index]?.expiresAt ?? FOREVER

  function swap(one: number, other: number): void {
    const [first, second] = [heap[one] as Ending, heap[other] as Ending]
    heap[one] = second
    heap[other] = first
  }

  return {
    add(ending) {
      let index = heap.push(ending) - 1
      while (index > 0) {
        const parent = (index - 1) >> 1
        if (at(parent) <= at(index)) break
        swap(parent, index)
        index = parent
      }
    },
    takeEnded(now) {
      const [first] = heap
      if (!first || now < first.expiresAt) return undefined
      const last = heap.pop() as Ending
      if (heap.length === 0) return first
      heap[0] = last
      let index = 0
      for (;;) {
        const left = 2 * index + 1
        const child = at(left + 1) < at(left) ? left + 1 : left
        if (at(index) <= at(child)) return first
        swap(index, child)
        index = child
      }
    },
  }
}
