import type { TokenFamily } from '../kit.ts'
import { mixedUp, none, publicKeyAsSecret, unknownAlgorithms } from './algorithms.ts'
import { base64urlForm } from './base64url.ts'
import { compactForm } from './compact-form.ts'
import { confirmations, disguises, scopes } from './confirmation-and-scopes.ts'
import { jwe, sizes } from './encrypted-and-sizes.ts'
import { critical, keyIds, keyInjections } from './header.ts'
import { audiences, issuers } from './issuer-and-audience.ts'
import { members, profile, strings, types } from './kinds.ts'
import { ecdsa, eddsa, rsa, tampered } from './signatures.ts'
import { json, utf8 } from './text-and-json.ts'
import { times } from './times.ts'

/** Hostile tokens, by what they attack. */
export const TOKEN_FAMILIES: readonly TokenFamily[] = [
  compactForm,
  base64urlForm,
  utf8,
  json,
  critical,
  keyIds,
  keyInjections,
  unknownAlgorithms,
  none,
  publicKeyAsSecret,
  mixedUp,
  ecdsa,
  rsa,
  eddsa,
  tampered,
  types,
  members,
  profile,
  strings,
  issuers,
  audiences,
  times,
  confirmations,
  scopes,
  disguises,
  jwe,
  sizes,
]
