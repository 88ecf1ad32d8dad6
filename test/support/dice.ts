/** A reproducible generator (Lehmer, modulus 2^31 - 1). */
export interface Dice {
  below(limit: number): number
  oneOf<T>(values: readonly T[]): T
  some<T>(values: readonly T[]): T[]
}

export function createDice(seed: number): Dice {
  let state = seed
  const below = (limit: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % limit
  }
  return {
    below,
    oneOf: (values) => values[below(values.length)] as (typeof values)[number],
    some: (values) => values.filter(() => below(2) === 0),
  }
}
