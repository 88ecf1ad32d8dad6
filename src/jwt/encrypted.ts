import { decodeJsonObject } from '../util/encoding.ts'

/** A JWE in compact form (RFC 7516 §7.1). */
export function isEncrypted(raw: string): boolean {
  const parts = raw.split('.', 6)
  return isJwe(parts) && Object.hasOwn(decodeJsonObject(parts[0] ?? '') ?? {}, 'enc')
}

export const isJwe = (parts: readonly string[]): boolean =>
  parts.length === 5 && parts.slice(2).every((part) => part !== '')
