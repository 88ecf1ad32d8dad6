import { type Kit, refused, type TokenFamily } from '../kit.ts'

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))

const sealed = (kit: Kit, member: 'header' | 'claims', change: (json: string) => string | Uint8Array): string =>
  kit.token({ [member]: change(JSON.stringify(kit[member]())) })

/** Bytes that are not UTF-8, inside a text value of the part. */
const BROKEN: Readonly<Record<string, readonly number[]>> = {
  'a lone continuation byte': [0x80],
  'a lone lead byte': [0xc3],
  'a sequence cut short': [0xe2, 0x82],
  'an overlong slash': [0xc0, 0xaf],
  'an overlong NUL': [0xc0, 0x80],
  'an overlong quote': [0xc0, 0xa2],
  'an encoded surrogate': [0xed, 0xa0, 0x80],
  'a code point above U+10FFFF': [0xf4, 0x90, 0x80, 0x80],
  'a five-byte sequence': [0xf8, 0x88, 0x80, 0x80, 0x80],
  'the byte FF': [0xff],
  'a Latin-1 letter': [0xe9],
}

/** RFC 7515 §5.2, RFC 7519 §7.2: the header is JSON in UTF-8. */
export const utf8: TokenFamily = {
  family: 'strict UTF-8 (RFC 7519 §7.2, RFC 3629 §3)',
  make: (kit) =>
    refused('malformed', {
      ...Object.fromEntries(
        Object.entries(BROKEN).flatMap(([name, broken]) => [
          [`${name} in the claims`, sealed(kit, 'claims', (json) => bytes(json.slice(0, -1), ',"x":"', broken, '"}'))],
          [`${name} in the header`, sealed(kit, 'header', (json) => bytes(json.slice(0, -1), ',"x":"', broken, '"}'))],
        ]),
      ),
      'a byte order mark before the claims': sealed(kit, 'claims', (json) => bytes([0xef, 0xbb, 0xbf], json)),
      'a byte order mark before the header': sealed(kit, 'header', (json) => bytes([0xef, 0xbb, 0xbf], json)),
      'claims in UTF-16 (little endian)': sealed(kit, 'claims', (json) => Buffer.from(json, 'utf16le')),
      'header in UTF-16 (little endian)': sealed(kit, 'header', (json) => Buffer.from(json, 'utf16le')),
      'claims in UTF-16 (big endian)': sealed(kit, 'claims', (json) => Buffer.from(json, 'utf16le').swap16()),
      'a NUL before the claims': sealed(kit, 'claims', (json) => `\0${json}`),
      'a NUL after the claims': sealed(kit, 'claims', (json) => `${json}\0`),
      'a NUL after the header': sealed(kit, 'header', (json) => `${json}\0`),
    }),
}

/** What is not a JSON object, or not JSON (RFC 8259). */
const NO_OBJECT: Readonly<Record<string, (json: string) => string>> = {
  'an array around it': (json) => `[${json}]`,
  'an empty array': () => '[]',
  'a text': () => '"text"',
  'the object as a text': (json) => JSON.stringify(json),
  'a number': () => '42',
  null: () => 'null',
  true: () => 'true',
  nothing: () => '',
  'only white space': () => ' \n',
  'a comma at the end': (json) => `${json.slice(0, -1)},}`,
  'a comma at the start': (json) => `{,${json.slice(1)}`,
  'a missing brace': (json) => json.slice(0, -1),
  'a second brace': (json) => `${json}}`,
  'two objects': (json) => json + json,
  'text after the object': (json) => `${json} x`,
  'a comment': (json) => `${json.slice(0, -1)}/* */}`,
  'a line comment': (json) => `${json}//`,
  'single quotes': (json) => json.replaceAll('"', "'"),
  'names without quotes': (json) => json.replace(/"(\w+)":/g, '$1:'),
  'a member NaN': (json) => `${json.slice(0, -1)},"x":NaN}`,
  'a member Infinity': (json) => `${json.slice(0, -1)},"x":Infinity}`,
  'a member undefined': (json) => `${json.slice(0, -1)},"x":undefined}`,
  'a hexadecimal number': (json) => `${json.slice(0, -1)},"x":0x10}`,
  'a leading zero': (json) => `${json.slice(0, -1)},"x":010}`,
  'a leading plus sign': (json) => `${json.slice(0, -1)},"x":+1}`,
  'a number that ends in a point': (json) => `${json.slice(0, -1)},"x":1.}`,
  'a raw line feed in a text': (json) => `${json.slice(0, -1)},"x":"a\nb"}`,
  'a raw tab in a text': (json) => `${json.slice(0, -1)},"x":"a\tb"}`,
  'a raw NUL in a text': (json) => `${json.slice(0, -1)},"x":"a\0b"}`,
  'an escape that JSON does not know': (json) => `${json.slice(0, -1)},"x":"\\x41"}`,
  'half a unicode escape': (json) => `${json.slice(0, -1)},"x":"\\u00"}`,
  'a member without value': (json) => `${json.slice(0, -1)},"x":}`,
  'a member without name': (json) => `${json.slice(0, -1)},:1}`,
  'a no-break space around it': (json) => `\u00a0${json}`,
  'a line separator around it': (json) => `${json}\u2028`,
  'a form feed around it': (json) => `\f${json}`,
  'the bytes of CBOR': () => '\xa1\x01\x02',
  'a thousand open brackets': () => '['.repeat(1000),
  'a thousand open objects': () => '{"a":'.repeat(200),
  XML: () => '<claims/>',
}

export const json: TokenFamily = {
  family: 'a JSON object and nothing else (RFC 7519 §7.2, RFC 8259)',
  make: (kit) => [
    ...Object.entries(NO_OBJECT).map(([name, change]) => ({
      name: `claims: ${name}`,
      token: sealed(kit, 'claims', change),
      reason: 'malformed' as const,
    })),
    ...Object.entries(NO_OBJECT)
      .filter((_, index) => index % 2 === 0)
      .map(([name, change]) => ({
        name: `header: ${name}`,
        token: sealed(kit, 'header', change),
        reason: 'malformed' as const,
      })),
  ],
}
