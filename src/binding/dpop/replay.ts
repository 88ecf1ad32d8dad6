import type { MaybePromise } from '../../platform/maybe-promise.ts'
/** Sees to it that a proof is used once. */
export interface ReplayGuard {
  firstUse(thumbprint: string, jti: string): MaybePromise<boolean>
}
