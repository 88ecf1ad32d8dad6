import { faults } from './lib/bad-tokens.mjs'
import { assertSameBuild, fingerprint } from './lib/bearward.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { createIssuer } from './lib/issuer.mjs'
import { progress } from './lib/progress.mjs'
import { publish } from './lib/publish.mjs'
import { inRounds, rotated } from './lib/rounds.mjs'
import { refusalsPage } from './refusals/page.mjs'
import { reasons } from './refusals/reasons.mjs'
import { forNewTokens } from './tokens/contestants.mjs'
import { startAll } from './tokens/running.mjs'

const ALGORITHM = 'RS256'

const options = readCommandLine({
  name: 'refusals',
  text: 'Measures the CPU time of refusing one access token, without HTTP.',
  numbers: {
    rounds: { text: 'rounds over all libraries', value: 20, quick: 2 },
    tokens: { text: 'bad tokens per round, library and reason', value: 300, quick: 50 },
  },
})

const build = fingerprint()
const issuer = createIssuer(ALGORITHM)
const running = await startAll(forNewTokens, issuer)
assertSameBuild(build)
progress('every library accepts the good tokens and refuses the bad ones')

/** @type {Set<string>} those that let tokens through which others refuse */
const accepting = new Set()
const calls = options.tokens
const figures = await inRounds(options.rounds, async (round, note) => {
  const good = issuer.tokens(calls)
  for (const { fault } of reasons) {
    const bad = Array.from({ length: calls }, () => faults[fault](issuer))
    for (const { name, kind, child } of rotated(running, round)) {
      const tokens = kind === 'bare' ? good : bad
      const { time, accepted } = await child.call('measure', { tokens, calls })
      if (accepted > 0) accepting.add(`${fault} ${name}`)
      note(`${fault} ${name}`, time)
    }
  }
})
for (const { child } of running) child.stop()
publish('refusals', refusalsPage(figures, accepting, { ...options, build }), options.print)
