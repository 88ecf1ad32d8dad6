/** Seconds since the epoch, fractions allowed (RFC 7519 §2). */
export type NumericDate = number

/** A length of time in seconds. */
export type Seconds = number
