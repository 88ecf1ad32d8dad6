import { decodeBase64urlLeniently } from '../util/encoding.ts'

// Longer texts are not searched, but count as quoting: no message of a library is that long.
const MAX_TEXT = 2048

// A part of a secret is a secret as well: some libraries shorten what they quote.
const PART = 16

const MAX_LAYERS = 2

/** True if a text contains a secret or a part of one: as it is, escaped, URL-encoded, in base64, or in several of these. */
export function quotes(text: string, secrets: readonly string[], layers = MAX_LAYERS): boolean {
  if (secrets.length === 0) return false
  if (text.length > MAX_TEXT || containsPart(text, secrets)) return true
  return layers > 0 && decodingsOf(text).some((decoded) => quotes(decoded, secrets, layers - 1))
}

function containsPart(text: string, secrets: readonly string[]): boolean {
  if (secrets.some((secret) => secret.length <= PART && text.includes(secret))) return true
  const long = secrets.filter((secret) => secret.length > PART)
  for (let at = 0; at + PART <= text.length; at++) {
    const part = text.slice(at, at + PART)
    if (long.some((secret) => secret.includes(part))) return true
  }
  return false
}

/** Only those that differ from the text. */
function decodingsOf(text: string): readonly string[] {
  const decodings = [text.replaceAll('\\', ''), urlDecoded(text), ...base64Decoded(text)]
  return decodings.filter((decoded) => decoded !== '' && decoded !== text)
}

const urlDecoded = (text: string): string =>
  text
    .replaceAll('+', ' ')
    .replaceAll(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)))

/** Each run of base64 characters, from each of the four places where its first group may begin. */
const base64Decoded = (text: string): readonly string[] =>
  (text.match(/[\w+/-]{8,}/g) ?? []).flatMap((run) => [0, 1, 2, 3].map((at) => decodeBase64urlLeniently(run.slice(at))))
