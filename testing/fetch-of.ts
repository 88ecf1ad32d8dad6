import type { TestIssuer } from './issuer.ts'

/** Combines several test issuers into one `fetch`. Of those on one origin, the path decides. */
export function fetchOf(...issuers: readonly TestIssuer[]): TestIssuer['fetch'] {
  const all = issuers
    .map((issuer) => ({ issuer, ...partsOf(issuer.issuer) }))
    .sort((a, b) => b.path.length - a.path.length)
  return async (input, init) => {
    const { origin, path } = partsOf(input instanceof Request ? input.url : input)
    // The well-known part comes after the path of an issuer, or before it (RFC 8414 §3.1, §5).
    const found = all.find(
      (one) => one.origin === origin && (path.startsWith(`${one.path}/`) || path.endsWith(one.path)),
    )
    if (found) return found.issuer.fetch(input, init)
    throw new TypeError('fetch failed', { cause: new Error(`there is no test issuer at ${origin}`) })
  }
}

function partsOf(url: string | URL) {
  const { origin, pathname } = new URL(url)
  return { origin, path: pathname.replace(/\/$/, '') }
}
