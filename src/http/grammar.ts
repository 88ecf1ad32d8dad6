// The character sets of the headers we read and write. Each function is linear in its input.

/** `token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="` (RFC 9110 §11.2) */
const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/

/** `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )` (RFC 6749 §3.3) */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** The characters a quoted-string may contain without escapes: `%x20-21 / %x23-5B / %x5D-7E` (RFC 6750 §3) */
const QUOTABLE = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** `token = 1*tchar` (RFC 9110 §5.6.2) at the start of a string */
const LEADING_TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+/

/** `auth-param = token BWS "=" BWS ( token / quoted-string )` (RFC 9110 §11.2); matching its beginning is enough */
const LEADING_PARAMETER = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*=/

export const isToken68 = (text: string): boolean => TOKEN68.test(text)

export const isScopeToken = (text: string): boolean => SCOPE_TOKEN.test(text)

export const isQuotable = (text: string): boolean => QUOTABLE.test(text)

/** The scheme at the start of a credential, if there is one. */
export const leadingScheme = (value: string): string | undefined =>
  value.startsWith(USUAL) ? USUAL_SCHEME : LEADING_TOKEN.exec(value)?.[0]

// Nearly all requests use it, so it is found without a regular expression.
const USUAL_SCHEME = 'Bearer'
const USUAL = `${USUAL_SCHEME} `

/** A header value excludes surrounding white space (RFC 9110 §5.5), but not every runtime removes it. */
export function trimOptionalWhitespace(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value.charCodeAt(start))) start++
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--
  return start === 0 && end === value.length ? value : value.slice(start, end)
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09

/**
 * True if a value consists of two header lines that a runtime joined with a comma. Inside one credential, commas only
 * separate auth-params (RFC 9110 §11.4), so an element that is not one begins a second credential.
 */
export function joinsTwoCredentials(value: string): boolean {
  if (!value.includes(',')) return false // every well-formed request ends here
  return splitOutsideQuotes(value)
    .slice(1)
    .some((element) => !LEADING_PARAMETER.test(trimOptionalWhitespace(element)))
}

function splitOutsideQuotes(value: string): string[] {
  const elements: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < value.length; at++) {
    const character = value[at]
    if (quoted && character === '\\') at++
    else if (character === '"') quoted = !quoted
    else if (character === ',' && !quoted) {
      elements.push(value.slice(start, at))
      start = at + 1
    }
  }
  elements.push(value.slice(start))
  // An unclosed quote quotes nothing.
  return quoted ? value.split(',') : elements
}

/** `name="value"`, or `undefined` if a quoted-string cannot contain the value. */
export function quotedParameter(name: string, value: string): string | undefined {
  return isQuotable(value) ? `${name}="${value}"` : undefined
}
