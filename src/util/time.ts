/** Seconds since the epoch, fractions allowed (RFC 7519 §2). */
export type NumericDate = number

/** A length of time in seconds. */
export type Seconds = number

/** A time, or a length of time, that someone else has written: `1e999` in JSON is `Infinity`, and would never end. */
export const isFiniteNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** A time before all others. */
export const LONG_AGO = Number.NEGATIVE_INFINITY

/** A time after all others, and a length of time without an end. */
export const FOREVER = Number.POSITIVE_INFINITY
