import { createMac, equalsInConstantTime, type Mac } from '../util/mac.ts'

/**
 * Authenticates the records in a store, so that anyone else who can write to the store cannot create or change one. The
 * records are not encrypted.
 */
export interface RecordSealer {
  /** The record of a text, made with the first secret. */
  seal(text: string): Promise<string>
  /** The text of a record that was made with one of the secrets; `undefined` for anything else. */
  open(record: string): Promise<string | undefined>
}

/** By how many characters a record is longer than its text: an HMAC-SHA-256 in base64url. */
export const MAC_LENGTH = 43

/**
 * @param secrets the first seals, all open: that is how a secret is replaced
 * @param label what the records are; a record is not valid as one of another kind
 */
export function createRecordSealer(secrets: readonly Uint8Array[], label: string): RecordSealer {
  const macs = Promise.all(secrets.map((secret) => deriveMac(secret, label)))
  macs.catch(() => undefined) // every call reports it

  return {
    async seal(text) {
      const [mac] = await macs
      if (!mac) throw new Error('bearward: no secret')
      return (await mac(text)) + text
    },
    async open(record) {
      const [found, text] = [record.slice(0, MAC_LENGTH), record.slice(MAC_LENGTH)]
      for (const mac of await macs) if (equalsInConstantTime(await mac(text), found)) return text
      return undefined
    },
  }
}

/** A key of its own for each kind of record (RFC 5869). */
async function deriveMac(secret: Uint8Array, label: string): Promise<Mac> {
  const { subtle } = crypto
  const key = await subtle.importKey('raw', secret as Uint8Array<ArrayBuffer>, 'HKDF', false, ['deriveBits'])
  const info = new TextEncoder().encode(`bearward ${label}`)
  const derived = await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info }, key, 256)
  return createMac(new Uint8Array(derived))
}
