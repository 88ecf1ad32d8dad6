// For the command line, which is part of this package, and for nobody else: not among the exports of package.json.
export { metadataUrls } from '../discovery/fetch-metadata.ts'
export { type Challenge, parseChallenges } from '../http/parse-challenges.ts'
export { type Inspection, inspectToken } from './inspect-token.ts'
export { type KeyReport, keyReports } from './key-report.ts'
export { type Probed, probe } from './probe.ts'
export { lengthOf } from './times.ts'
export type { CheckResult } from './token-checks.ts'
