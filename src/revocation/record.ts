import { isObject, parseJsonObject } from '../util/encoding.ts'
import { isFiniteNumber, type NumericDate } from '../util/time.ts'
import type { RevocationEntry } from './entry.ts'

/** What a record in a store says: an entry was added, or removed. */
export type Change = { readonly added: RevocationEntry } | { readonly removed: string; readonly expiresAt: NumericDate }

export const writeChange = (change: Change): string => JSON.stringify({ v: 1, ...change })

/** The change of an authenticated record; `undefined` for one of another version. */
export function readChange(text: string): Change | undefined {
  const { v, added, removed, expiresAt } = parseJsonObject(text) ?? {}
  if (v !== 1) return undefined
  if (typeof removed === 'string' && isFiniteNumber(expiresAt)) return { removed, expiresAt }
  return isObject(added) ? entryOf(added) : undefined
}

function entryOf(added: Readonly<Record<string, unknown>>): Change | undefined {
  const { id, all, tolerant, before, revokedAt, expiresAt } = added
  const [issuer, jti, sub, sid, client] = NAMES.map((name) => textOf(added[name]))
  if (typeof id !== 'string' || !isFiniteNumber(revokedAt) || !isFiniteNumber(expiresAt)) return undefined
  return {
    added: Object.freeze({
      id,
      issuer,
      jti,
      sub,
      sid,
      client,
      all: all === true,
      before: isFiniteNumber(before) ? before : undefined,
      tolerant: tolerant === true,
      revokedAt,
      expiresAt,
    }),
  }
}

const NAMES = ['issuer', 'jti', 'sub', 'sid', 'client'] as const

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
