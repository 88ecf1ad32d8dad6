import { goalTable } from '../lib/goals.mjs'
import { describeMachine, describeVersions } from '../lib/machine.mjs'
import { times } from '../lib/markdown.mjs'
import { pairedRatio } from '../lib/statistics.mjs'
import { forNewTokens, PACKAGES } from '../tokens/contestants.mjs'
import { basesOf, section } from '../tokens/section.mjs'
import { reasons } from './reasons.mjs'

const machine = describeMachine() // before anything runs

/**
 * @param {import('../lib/rounds.mjs').Figures} figures
 * @param {ReadonlySet<string>} accepting
 * @param {{ rounds: number, tokens: number, build: string }} options
 * @returns {string[]}
 */
export function refusalsPage(figures, accepting, { rounds, tokens, build }) {
  const valuesOf = (/** @type {string} */ fault) => (/** @type {string} */ name) =>
    figures.get(`${fault} ${name}`) ?? []
  return [
    '# CPU time per rejected token',
    'Made by `npm run refusals` in bench/; do not edit.',
    `${machine}. ${describeVersions(PACKAGES, build)}.`,
    `The libraries, their settings and the method are those of [tokens.md](tokens.md). ${rounds} rounds, each over all libraries; ${tokens} invalid RS256 tokens per round, library and reason, all different. The bare operation is one \`crypto.verify\` of a valid token: the cost of accepting a token.`,
    ...reasons.flatMap(({ fault, title, text }) => {
      const marked = (/** @type {string} */ name) => name !== BARE && accepting.has(`${fault} ${name}`)
      const note = forNewTokens.some(({ name }) => marked(name)) ? ['¹ accepts these tokens.'] : []
      return [`## ${title}`, text, section('', forNewTokens, valuesOf(fault), marked), ...note]
    }),
    '## Goals',
    goalTable(reasons.flatMap(({ fault, title }) => goalsOf(fault, title, valuesOf(fault)))),
  ]
}

const BARE = forNewTokens.find(({ kind }) => kind === 'bare')?.name

/**
 * @param {string} fault
 * @param {string} title
 * @param {(name: string) => readonly number[]} valuesOf
 * @returns {import('../lib/goals.mjs').Goal[]}
 */
function goalsOf(fault, title, valuesOf) {
  const { bare, best, own } = basesOf(forNewTokens, valuesOf)
  const [toBare, toBest] = [pairedRatio(own, bare), pairedRatio(own, best)]
  const what = title.toLowerCase()
  // A wrong signature always costs a verification.
  const cheap = { what, goal: 'less than the bare verification', measured: `${times(toBare)} ×`, reached: toBare < 1 }
  const ahead = { what, goal: 'less than the best peer', measured: `${times(toBest)} ×`, reached: toBest < 1 }
  return fault === 'signature' ? [ahead] : [cheap, { ...ahead, what: '' }]
}
