/** An endpoint that a resource server requests. */
export type Part = 'metadata' | 'keys' | 'introspection'

export const PARTS: readonly Part[] = ['metadata', 'keys', 'introspection']

/** One endpoint, or all. */
export type Parts = Part | 'everything'

export const partsOf = (parts: Parts): readonly Part[] => (parts === 'everything' ? PARTS : [parts])
