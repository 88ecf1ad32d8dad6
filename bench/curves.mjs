import { curves, KINDS } from './curves/curves.mjs'
import { curvesPage } from './curves/page.mjs'
import { curvesPicture } from './curves/picture.mjs'
import { startPoints } from './curves/points.mjs'
import { assertSameBuild, fingerprint } from './lib/bearward.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { progress } from './lib/progress.mjs'
import { publish, publishPicture } from './lib/publish.mjs'
import { inRounds, rotated } from './lib/rounds.mjs'

const options = readCommandLine({
  name: 'curves',
  text: 'Measures how the cost grows with the number of issuers, scopes, tokens and connections, and with the size of a token.',
  numbers: {
    rounds: { text: 'rounds over all points', value: 15, quick: 1 },
    new: { text: 'new tokens per round and point', value: 300, quick: 50 },
    seen: { text: 'calls per round and point with tokens that come again', value: 3000, quick: 500 },
    distinct: { text: 'the most distinct tokens', value: 1_000_000, quick: 10_000 },
  },
})

const build = fingerprint()
const measured = curves.map((curve) =>
  curve.name === 'tokens' ? { ...curve, values: curve.values.filter((value) => value <= options.distinct) } : curve,
)
const points = await startPoints(measured, options)
assertSameBuild(build)
progress(`${points.list.length} points are ready`)

const figures = await inRounds(options.rounds, async (round, note) => {
  for (const kind of KINDS) {
    for (const { key, measure } of rotated(points.list, round)) {
      const { bearward, bare } = await measure(kind, round)
      note(`${key} ${kind} bearward`, bearward)
      note(`${key} ${kind} bare`, bare)
    }
  }
})
points.stop()
publish('curves', curvesPage(figures, measured, { ...options, build }), options.print)
publishPicture('curves', curvesPicture(figures, measured), options.print)
