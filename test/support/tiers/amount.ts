/**
 * How often a test repeats: `full` in `npm run test:exhaustive` and in the gate, `quick` in `npm test`. This is the only
 * difference in what a test does between the tiers. A file that calls it runs in both.
 */
export function amount(full: number, quick: number): number {
  if (quick > full) throw new RangeError(`the quick amount ${quick} is larger than the full amount ${full}`)
  const tier = process.env.BEARWARD_TEST_TIER
  if (tier === undefined) throw new Error('BEARWARD_TEST_TIER is not set: vitest.config.ts sets it for each project')
  return tier === 'exhaustive' ? full : quick
}
