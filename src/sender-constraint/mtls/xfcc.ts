import { encodeBase64url } from '../../util/encoding.ts'

/**
 * The thumbprint in a value of `X-Forwarded-Client-Cert`, as Envoy writes it: one element, a list of pairs separated by
 * semicolons, with exactly one `Hash`, the SHA-256 of the certificate in hexadecimal.
 *
 * Envoy does not quote everything it copies from the certificate, and the client chose that content. A name may contain
 * `;Hash=…`, or a comma and a whole element. So duplicates, and a `Hash` that does not match `Cert`, are refused.
 *
 * @param ofPem reads `Cert`, if the proxy sends it as well
 */
export async function readForwarded(
  value: string,
  ofPem: (pem: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  const pairs = pairsOf(value)
  const [hash, ...hashes] = valuesOf(pairs, 'hash')
  const [certificate, ...certificates] = valuesOf(pairs, 'cert')
  if (hash === undefined || !SHA256.test(hash) || hashes.length > 0 || certificates.length > 0) return undefined
  const thumbprint = encodeBase64url(String.fromCharCode(...bytesOf(hash)))
  if (certificate === undefined) return thumbprint
  return (await ofPem(certificate)) === thumbprint ? thumbprint : undefined
}

type Pair = readonly [key: string, value: string]

/** A key, and a value that is quoted or contains no separator. In quotes, a backslash escapes. */
const PAIR = /([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;]*))(;|$)/y

/** The pairs of the only element; none if there is a second element, or anything that is not a pair. */
function pairsOf(value: string): readonly Pair[] {
  const pairs: Pair[] = []
  let at = 0
  while (at < value.length || pairs.length === 0) {
    PAIR.lastIndex = at
    const [whole, key, quoted, plain] = PAIR.exec(value) ?? []
    if (whole === undefined || key === undefined) return []
    pairs.push([key.toLowerCase(), quoted ?? plain ?? ''])
    at += whole.length
  }
  return pairs
}

const valuesOf = (pairs: readonly Pair[], name: string): readonly string[] =>
  pairs.flatMap(([key, value]) => (key === name ? [value] : []))

const SHA256 = /^[0-9A-Fa-f]{64}$/

const bytesOf = (hex: string): number[] => hex.match(/../g)?.map((digits) => Number.parseInt(digits, 16)) ?? []
