import type { TestIssuer } from './issuer.ts'

/** Combines several test issuers into one `fetch`. */
export function fetchOf(...issuers: readonly TestIssuer[]): TestIssuer['fetch'] {
  return async (input, init) => {
    const { origin } = new URL(input instanceof Request ? input.url : input)
    const issuer = issuers.find((one) => new URL(one.issuer).origin === origin)
    if (issuer) return issuer.fetch(input, init)
    throw new TypeError('fetch failed', { cause: new Error(`there is no test issuer at ${origin}`) })
  }
}
