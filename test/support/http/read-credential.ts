import type { ResourceRequest } from 'bearward'
import { type CredentialPolicy, readCredential, readHeaderCredential } from '../../../src/http/credentials.ts'
import { type PresentedPolicy, presentedBy } from '../../../src/http/presented.ts'

export type Policy = CredentialPolicy & PresentedPolicy

/** The credential of a request outside of its body. */
export const readHeaders = (request: ResourceRequest, policy: Policy) =>
  readHeaderCredential(presentedBy(request, policy), policy)

/** The credential of a request, wherever it is. */
export const readAll = (request: ResourceRequest, policy: Policy) =>
  readCredential(request, presentedBy(request, policy), policy)
