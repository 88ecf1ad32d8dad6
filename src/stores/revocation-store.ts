import type { NumericDate } from '../util/time.ts'

/**
 * Shares revocations between processes: a list to which records are added. `revocationStore()` of `bearward/redis` makes
 * one. Records are authenticated, so anyone who can write to the store cannot revoke or restore anything.
 */
export interface RevocationStore {
  /**
   * The records after a cursor, oldest first, at most some hundreds at once. Without a cursor, from the first.
   *
   * @param cursor where an earlier page ended
   */
  read(cursor: string | undefined): Promise<RevocationPage>
  /**
   * Adds all of these records, or none.
   *
   * @returns `full`: it would hold more than `size` records; `changed`: others have added some after `cursor`
   */
  add(
    records: readonly RevocationRecord[],
    condition: { readonly size?: number; readonly cursor?: string },
  ): Promise<'added' | 'full' | 'changed'>
  /**
   * Calls `listener` soon after records were added, by any process. It need not be reliable: the store is read regularly.
   *
   * @returns a function that ends it
   */
  subscribe?(listener: () => void): () => void
}

/** A part of the records, oldest first. */
export interface RevocationPage {
  readonly records: readonly string[]
  readonly cursor: string
  /** There are more now. */
  readonly more: boolean
  /** The store no longer has what was read up to the cursor, so the page begins with the first record. */
  readonly lost: boolean
}

/** What the store keeps of one change. */
export interface RevocationRecord {
  readonly text: string
  /** When the store may delete it, in seconds since the epoch. */
  readonly expiresAt: NumericDate
}
