import { table } from './markdown.mjs'

/**
 * What was to be reached, and what was.
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
