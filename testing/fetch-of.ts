import type { TestIssuer } from './issuer.ts'

/** One `fetch` for a resource server that trusts several test issuers. */
export function fetchOf(...issuers: readonly TestIssuer[]): TestIssuer['fetch'] {
  return async (input, init) => {
    const { origin } = new URL(input instanceof Request ? input.url : input)
    const issuer = issuers.find((one) => new URL(one.issuer).origin === origin)
    if (issuer) return issuer.fetch(input, init)
    throw new TypeError('fetch failed', { cause: new Error(`no test issuer answers for ${origin}`) })
  }
}
