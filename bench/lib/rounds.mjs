import { progress } from './progress.mjs'

/** Rounds that do not count, at most. */
export const WARM_UP = 5

/**
 * Figures by what they are of, in the order in which they were measured.
 *
 * @typedef {Map<string, number[]>} Figures
 */

/** @typedef {(key: string, value: number) => void} Note */

/** Figures, and how to add to them. */
export function createFigures() {
  /** @type {Figures} */
  const figures = new Map()
  /** @type {Note} */
  const note = (key, value) => {
    figures.set(key, [...(figures.get(key) ?? []), value])
  }
  return { figures, note }
}

/**
 * Runs the rounds, so that everything compared runs under the same conditions. The first rounds warm up and do not count.
 *
 * @param {number} rounds
 * @param {(index: number, note: Note) => Promise<void>} step
 * @returns {Promise<Figures>}
 */
export async function inRounds(rounds, step) {
  const { figures, note } = createFigures()
  const warmUp = Math.min(WARM_UP, rounds)
  for (let index = 0; index < warmUp + rounds; index++) {
    const counts = index >= warmUp
    await step(index, counts ? note : () => {})
    progress(counts ? `round ${index - warmUp + 1} of ${rounds}` : 'warming up')
  }
  return figures
}

/**
 * The same list, rotated by the round, so that no variant always follows the same other one.
 *
 * @template T
 * @param {readonly T[]} list
 * @param {number} index of the round
 * @returns {T[]}
 */
export function rotated(list, index) {
  const start = index % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}
