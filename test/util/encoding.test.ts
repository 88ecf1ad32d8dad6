import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeJsonObject, decodeText, passingBytes } from '../../src/util/encoding.ts'

// With Node's buffers, texts are decoded in place and in two steps; the result must be that of a strict decoder.

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function expected(bytes: Uint8Array): string | undefined {
  try {
    const text = strict.decode(bytes)
    return /^[ \t\n\r]*\{/.test(text) ? text : undefined
  } catch {
    return undefined
  }
}

const encoded = (bytes: Uint8Array | string): string => Buffer.from(bytes as string).toString('base64url')

describe('the text of a part of a token (RFC 7515 §2, RFC 3629 §3)', () => {
  it('is the result of a strict decoder, for any bytes', () => {
    const some = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => Buffer.from(`{${text}`)),
      fc.uint8Array({ maxLength: 20 }).map((tail) => Buffer.concat([Buffer.from(' {"a":"'), tail])),
    )
    fc.assert(
      fc.property(some, (bytes) => {
        expect(decodeText(encoded(bytes))).toBe(expected(bytes))
      }),
      { numRuns: 5000 },
    )
  })

  it.each<[string, Uint8Array]>([
    ['an overlong brace', Uint8Array.of(0x7b, 0xc1, 0xbb)],
    ['half of a surrogate pair', Uint8Array.of(0x7b, 0xed, 0xa0, 0x80)],
    ['a byte that is never valid', Uint8Array.of(0x7b, 0xff, 0x7d)],
    ['an end in the middle of a character', Uint8Array.of(0x7b, 0xe2, 0x82)],
    ['a replacement character beside a wrong byte', Uint8Array.of(0x7b, 0xef, 0xbf, 0xbd, 0x80)],
  ])('is refused with %s', (_, bytes) => {
    expect(decodeText(encoded(bytes))).toBeUndefined()
  })

  it('may contain the replacement character itself', () => {
    expect(decodeJsonObject(encoded('{"sub":"\ufffd"}'))).toEqual({ sub: '\ufffd' })
  })

  it('is not JSON after a byte order mark', () => {
    expect(decodeJsonObject(encoded('\ufeff{}'))).toBeUndefined()
  })

  it('has no remains of earlier texts in the same buffer', () => {
    expect(decodeText(encoded(`{"long":"${'x'.repeat(500)}"}`))).toHaveLength(511)
    expect(decodeText('')).toBeUndefined()
    expect(decodeText(encoded('  '))).toBeUndefined()
    expect(decodeText(encoded('{}'))).toBe('{}')
  })

  it.each([16_383, 16_384, 16_385, 40_000])('may be of %i characters', (length) => {
    const text = `{"a":"${'ü'.repeat(length)}"}`
    expect(decodeText(encoded(text))).toBe(text)
    const characters = encoded(`{"a":"${'x'.repeat(length)}"}`)
    expect(decodeText(`${characters.slice(0, -1)}!`)).toBeUndefined()
  })
})

describe('the bytes of a text', () => {
  it.each([1, 100, 16_384, 16_385, 50_000])('are those of its first characters, of %i', (length) => {
    const text = 'abcdefghij'.repeat(5001)
    expect(Buffer.from(passingBytes(text.slice(0, length), length)).toString('latin1')).toBe(text.slice(0, length))
    expect(Buffer.from(passingBytes(text, length)).toString('latin1')).toBe(text.slice(0, length))
  })
})
