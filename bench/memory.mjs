import { assertSameBuild, fingerprint, takesOpaqueTokens } from './lib/bearward.mjs'
import { startChild } from './lib/child.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { progress } from './lib/progress.mjs'
import { publish } from './lib/publish.mjs'
import { memoryPage } from './memory/page.mjs'
import { traffic } from './memory/traffic.mjs'

const STEPS = 10
const FIRST = 100 // they load code and grow tables that are needed in any case

const options = readCommandLine({
  name: 'memory',
  text: 'Measures how the heap grows with the number of distinct tokens.',
  numbers: { tokens: { text: 'tokens of each kind', value: 1_000_000, quick: 20_000 } },
})

const build = fingerprint()
const withOpaque = await takesOpaqueTokens()

/** @type {import('./memory/page.mjs').Measured[]} */
const measured = []
for (const [name, { title, opaque, share = 1 }] of Object.entries(traffic)) {
  if (opaque && !withOpaque) continue
  const child = startChild(new URL('./memory/worker.mjs', import.meta.url), title)
  const count = Math.ceil((options.tokens * share) / STEPS)
  await child.call('send', { name, count: FIRST })
  const readings = [await child.call('memory')]
  for (let step = 1; step <= STEPS; step++) {
    await child.call('send', { name, count })
    readings.push(await child.call('memory'))
    progress(`${title}: ${step * count}`)
  }
  child.stop()
  measured.push({ title, count: count * STEPS, readings })
}
assertSameBuild(build)
publish('memory', memoryPage(measured, build), options.print)
