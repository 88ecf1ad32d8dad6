import type { Emitter } from '../events/emitter.ts'
import { createDpopBinding, type DpopParts } from './dpop/dpop.ts'
import { createCertificateCheck } from './mtls/mtls.ts'
import type { MtlsSettings } from './settings.ts'
import { type CheckCertificate, createSenderVerifier, type VerifySender } from './verify-sender.ts'

/** Checks that callers have the keys their tokens are bound to. */
export interface SenderConstraint {
  readonly verify: VerifySender
  readonly checkCertificate: CheckCertificate
  /** The number of used DPoP proofs that this process has recorded. */
  usedProofs(): number
}

export interface SenderSettings extends DpopParts {
  readonly mtls: MtlsSettings
}

export function createSenderConstraint(settings: SenderSettings, events: Emitter): SenderConstraint {
  const dpop = createDpopBinding(settings, events)
  const checkCertificate = createCertificateCheck(settings.mtls)
  return {
    verify: createSenderVerifier(checkCertificate, dpop),
    checkCertificate,
    usedProofs: () => dpop?.usedProofs() ?? 0,
  }
}
