// For this package's command line only: package.json does not export it.
export { metadataUrls } from '../discovery/fetch-metadata.ts'
export { type Challenge, parseChallenges } from '../http/parse-challenges.ts'
export { type NetworkProblem, networkProblemOf } from '../util/network-problem.ts'
export { type Inspection, inspectToken } from './inspect-token.ts'
export { type KeyReport, keyReports } from './key-report.ts'
export { type Probed, probe } from './probe.ts'
export { lengthOf } from './times.ts'
export type { CheckResult } from './token-checks.ts'
