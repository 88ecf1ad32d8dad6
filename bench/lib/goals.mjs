import { table } from './markdown.mjs'

/**
 * A goal, and the measured value.
 *
 * @typedef {object} Goal
 * @property {string} what
 * @property {string} goal
 * @property {string} measured
 * @property {boolean} reached
 */

/** @param {readonly Goal[]} goals */
export const goalTable = (goals) =>
  table(
    ['what', 'goal', 'measured', 'reached'],
    goals.map(({ what, goal, measured, reached }) => [what, goal, measured, reached ? 'yes' : '**no**']),
    4,
  )
