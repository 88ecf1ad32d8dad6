/** What a resource server asks an authorization server for. */
export type Part = 'metadata' | 'keys' | 'introspection'

export const PARTS: readonly Part[] = ['metadata', 'keys', 'introspection']

/** One of them, or all. */
export type Parts = Part | 'everything'

export const partsOf = (parts: Parts): readonly Part[] => (parts === 'everything' ? PARTS : [parts])
