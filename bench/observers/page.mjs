import { describeMachine, describeVersions } from '../lib/machine.mjs'
import { micros, middleHalf, table } from '../lib/markdown.mjs'
import { linesOf } from '../requests/summary.mjs'
import { requestKinds } from '../requests/variants.mjs'

const machine = describeMachine() // before anything runs

const HEAD = ['what watches', 'µs bare', 'µs guarded', 'added', 'middle half of added', 'added to no listener']

/**
 * @param {import('../lib/rounds.mjs').Figures} figures
 * @param {readonly import('../requests/variants.mjs').Variant[]} variants
 * @param {{ rounds: number, pairs: number, build: string }} options
 * @returns {string[]}
 */
export function observersPage(figures, variants, { rounds, pairs, build }) {
  return [
    '# Cost of metrics and traces',
    'Made by `npm run observers` in bench/; do not edit.',
    `${machine}. ${describeVersions(['fastify'], build)}.`,
    `The same guard on Fastify in separate processes, watched by nothing, by a listener that counts decisions, and by what \`bearward/prometheus\` and \`bearward/opentelemetry\` attach. Nothing is scraped or exported during the run, except by the batch processor of spans. The method is that of [requests.md](requests.md): ${pairs} pairs of batches of each kind in each of ${rounds} ${rounds === 1 ? 'process' : 'processes'}. *Added to no listener* is the difference of the medians.`,
    ...requestKinds.flatMap(({ name, title }) => [`## ${title}`, section(linesOf(figures, name, variants))]),
  ]
}

/** @param {readonly import('../requests/summary.mjs').Line[]} lines */
function section(lines) {
  const base = lines[0].added.median
  return table(
    HEAD,
    lines.map(({ guard, bare, time, added }) => [
      guard,
      micros(bare.median),
      micros(time.median),
      micros(added.median),
      middleHalf(added),
      micros(added.median - base),
    ]),
  )
}
