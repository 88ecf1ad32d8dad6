import type { Target } from './target.ts'
import { certificates } from './targets/certificates.ts'
import { introspection } from './targets/introspection.ts'
import { keySets } from './targets/key-sets.ts'
import { metadata } from './targets/metadata.ts'
import { proofs } from './targets/proofs.ts'
import { records } from './targets/records.ts'
import { requests } from './targets/requests.ts'
import { tokens } from './targets/tokens.ts'

export const TARGETS = [
  tokens,
  requests,
  keySets,
  metadata,
  introspection,
  proofs,
  certificates,
  records,
] as readonly Target[]
