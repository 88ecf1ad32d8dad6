import { ConfigurationError, createResourceServer } from 'bearward'

export const resource = 'https://api.example.com'
export const issuer = 'https://auth.example.com'

type Members = Readonly<Record<string, unknown>>

export const server = (members: Members) => ({ resource, issuer, ...members })
export const issuerWith = (members: Members) => ({ resource, issuer: { issuer, ...members } })
export const limits = (members: Members) => server({ limits: members })
export const cacheSize = (members: Members) => server({ cacheSize: members })
export const jwksCache = (members: Members) => issuerWith({ jwksCache: members })

/** The error of creating a server with these options. */
export function problem(options: unknown): ConfigurationError {
  try {
    createResourceServer(options as Parameters<typeof createResourceServer>[0])
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) return thrown
    throw new Error(`not a ConfigurationError: ${String(thrown)}`, { cause: thrown })
  }
  throw new Error('nothing was thrown')
}
