import { encodeBase64url } from '../../util/encoding.ts'

/**
 * The thumbprint in a value of `X-Forwarded-Client-Cert`, as Envoy writes it: one element, which is a list of pairs with
 * semicolons between them, and has exactly one `Hash`, the SHA-256 of the certificate in hexadecimal digits.
 *
 * Envoy does not quote all of what it copies from a certificate that the client has made. A name in it may hold
 * `;Hash=…`, or a comma and a whole element; hence everything that stands twice, or does not agree, is refused.
 *
 * @param ofPem reads the `Cert`, where the proxy sends it as well
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

/** A key, and a value that holds no separator or stands in quotes, where a backslash takes the meaning from a quote. */
const PAIR = /([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;]*))(;|$)/y

/** The pairs of the one element; none where there is a second element, or anything that is no pair. */
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
