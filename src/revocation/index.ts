export type { RevocationEntry, RevocationTarget } from './entry.ts'
export type { RevocationOptions } from './options.ts'
export type { Revocations } from './revocation.ts'
export { revocation } from './revocation.ts'
