import { goalTable } from '../lib/goals.mjs'
import { describeMachine, describeVersions } from '../lib/machine.mjs'
import { table } from '../lib/markdown.mjs'

/**
 * @typedef {object} Reading
 * @property {number} heap bytes, as are the others
 * @property {number} external
 * @property {number} rss
 *
 * @typedef {object} Measured
 * @property {string} title
 * @property {number} count of tokens
 * @property {readonly Reading[]} readings before the first token, and after each tenth of them
 */

const LIMIT = 64 // MiB
const machine = describeMachine() // before anything runs

const mib = (/** @type {number} */ bytes) => (bytes / 1_048_576).toFixed(1)

/**
 * @param {readonly Measured[]} measured
 * @param {string} build
 * @returns {string[]}
 */
export function memoryPage(measured, build) {
  return [
    '# Memory',
    'Made by `npm run memory` in bench/; do not edit.',
    `${machine}. ${describeVersions([], build)}.`,
    'One resource server with its default limits, in a separate process per kind of token. Each token and each request is new. The heap is the size in use after three full collections; its growth counts from the state after the first hundred requests. MiB.',
    ...measured.flatMap(({ title, count, readings }) => [`## ${upper(title)}`, section(count, readings)]),
    '## Goals',
    goalTable(measured.map(goalOf)),
  ]
}

/**
 * @param {number} count
 * @param {readonly Reading[]} readings
 */
function section(count, readings) {
  const rows = readings.map(({ heap, external, rss }, step) => [
    `${(count / (readings.length - 1)) * step}`,
    mib(heap),
    mib(heap - readings[0].heap),
    mib(external),
    mib(rss),
  ])
  return table(['tokens', 'heap', 'growth', 'outside the heap', 'resident'], rows, 0)
}

/**
 * @param {Measured} measured
 * @returns {import('../lib/goals.mjs').Goal}
 */
function goalOf({ title, count, readings }) {
  const growth = Math.max(...readings.map(({ heap }) => heap)) - readings[0].heap
  return {
    what: `${count} ${title}`,
    goal: `at most ${LIMIT} MiB more heap`,
    measured: `${mib(growth)} MiB at most`,
    reached: growth <= LIMIT * 1_048_576,
  }
}

const upper = (/** @type {string} */ title) => title.charAt(0).toUpperCase() + title.slice(1)
