import { curves } from './curves/curves.mjs'
import { curvesPage } from './curves/page.mjs'
import { curvesPicture } from './curves/picture.mjs'
import { measureCurve } from './curves/sittings.mjs'
import { assertSameBuild, fingerprint } from './lib/bearward.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { publish, publishPicture } from './lib/publish.mjs'
import { createFigures } from './lib/rounds.mjs'

const options = readCommandLine({
  name: 'curves',
  text: 'Measures how the cost grows with the number of issuers, scopes, tokens and connections, and with the size of a token.',
  numbers: {
    rounds: { text: 'rounds at each point', value: 30, quick: 1 },
    new: { text: 'new tokens per round', value: 300, quick: 50 },
    seen: { text: 'calls per round with tokens that come again', value: 3000, quick: 500 },
    distinct: { text: 'the most distinct tokens', value: 1_000_000, quick: 10_000 },
  },
})

const build = fingerprint()
const measured = curves.map((curve) =>
  curve.name === 'tokens' ? { ...curve, values: curve.values.filter((value) => value <= options.distinct) } : curve,
)
const { figures, note } = createFigures()
for (const curve of measured) {
  await measureCurve(curve, options, note)
  assertSameBuild(build)
}
publish('curves', curvesPage(figures, measured, { ...options, build }), options.print)
publishPicture('curves', curvesPicture(figures, measured), options.print)
