import type { Kit, RequestCase } from '../kit.ts'
import { formsThatAreOff, formTokens } from './forms.ts'
import { largeValues, otherSchemes, severalLines, wrongSyntax } from './grammar.ts'
import { queryTokens } from './query.ts'

export interface RequestFamily {
  readonly family: string
  /** The API that gets them: the default one, one that accepts form tokens, or one that ignores query tokens. */
  readonly api: 'plain' | 'forms' | 'lenient'
  readonly cases: readonly RequestCase[]
}

/** Hostile requests, by what they attack. */
export const hostileRequests = (kit: Kit): readonly RequestFamily[] => [
  { family: 'wrong syntax after the scheme (RFC 6750 §2.1)', api: 'plain', cases: wrongSyntax(kit) },
  { family: 'no credential of our scheme (RFC 6750 §3.1)', api: 'plain', cases: otherSchemes(kit) },
  { family: 'more than one credential (RFC 6750 §2)', api: 'plain', cases: severalLines(kit) },
  { family: 'large values (RFC 8725bis)', api: 'plain', cases: largeValues() },
  { family: 'tokens in the query (RFC 9700 §4.3.2)', api: 'plain', cases: queryTokens(kit) },
  { family: 'tokens in forms (RFC 6750 §2.2)', api: 'forms', cases: formTokens(kit) },
  { family: 'forms that are off', api: 'plain', cases: formsThatAreOff(kit) },
]
