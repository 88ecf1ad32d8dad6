import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { problem, server } from './problem.ts'

// A6 for the option `metadata`: the error of construction names the wrong member and never contains a key.

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
const jwk = await exportJWK(privateKey)
const publicJwk = await exportJWK(publicKey)
const SECRET = jwk.d as string

const metadata = (members: unknown) => server({ metadata: members })
const extra = (members: unknown) => metadata({ extra: members })
const signed = (members: object) => metadata({ signed: { issuer: 'https://a.example', key: jwk, ...members } })
const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)])
const circular: Record<string, unknown> = {}
circular.itself = circular

const WRONG: Readonly<Record<string, readonly [options: unknown, option: string]>> = {
  'metadata that is a text': [metadata('Orders'), 'metadata'],
  'metadata that is undefined': [metadata(undefined), 'metadata'],
  'an unknown member': [metadata({ title: 'Orders' }), 'metadata.title'],
  'no name': [metadata({ name: '' }), 'metadata.name'],
  'a name that is undefined': [metadata({ name: undefined }), 'metadata.name'],
  'a name without a language': [metadata({ name: {} }), 'metadata.name.default'],
  'a name in one language only (RFC 9728 §2.1)': [metadata({ name: { fr: 'Commandes' } }), 'metadata.name.default'],
  'a name with an invalid language': [metadata({ name: { default: 'Orders', fr_CA: 'x' } }), 'metadata.name.fr_CA'],
  'a name that names a member': [metadata({ name: { default: 'Orders', '': 'x' } }), 'metadata.name.'],
  'a name whose translation is missing': [metadata({ name: { default: 'Orders', fr: undefined } }), 'metadata.name.fr'],
  'a page that is relative': [metadata({ documentation: '/docs' }), 'metadata.documentation'],
  'a page that is a script': [metadata({ policy: 'javascript:alert(1)' }), 'metadata.policy'],
  'a translated page that is a script': [
    metadata({ terms: { default: 'https://a.example', fr: 'javascript:alert(1)' } }),
    'metadata.terms.fr',
  ],
  'no types': [metadata({ authorizationDetailsTypes: [] }), 'metadata.authorizationDetailsTypes'],
  'a type that is empty': [metadata({ authorizationDetailsTypes: ['a', ''] }), 'metadata.authorizationDetailsTypes[1]'],
  'another resource': [extra({ resource: 'https://other.example.com' }), 'metadata.extra.resource'],
  'other authorization servers': [
    extra({ authorization_servers: ['https://evil.example'] }),
    'metadata.extra.authorization_servers',
  ],
  'a signature in extra': [extra({ signed_metadata: 'a.b.c' }), 'metadata.extra.signed_metadata'],
  'a name that has an option': [extra({ 'resource_name#fr': 'x' }), 'metadata.extra.resource_name#fr'],
  'extra members that are a list': [extra(['a']), 'metadata.extra'],
  'a member without values (RFC 9728 §3.2)': [extra({ a: [] }), 'metadata.extra.a'],
  'a member that is null': [extra({ a: null }), 'metadata.extra.a'],
  'a member that is undefined': [extra({ a: undefined }), 'metadata.extra.a'],
  'a member that is not JSON': [extra({ a: { b: [new Date()] } }), 'metadata.extra.a.b[0]'],
  'a member that is NaN': [extra({ a: Number.NaN }), 'metadata.extra.a'],
  'a member that is a function': [extra({ a: () => 1 }), 'metadata.extra.a'],
  'a member that is too deep': [extra({ a: deep(20) }), `metadata.extra.a${'[0]'.repeat(15)}`],
  'a member that contains itself': [extra({ a: circular }), `metadata.extra.a${'.itself'.repeat(15)}`],
  'a key in place of its options': [metadata({ signed: SECRET }), 'metadata.signed'],
  'no issuer of the signature (RFC 9728 §2.2)': [metadata({ signed: { key: jwk } }), 'metadata.signed.issuer'],
  'no key': [metadata({ signed: { issuer: 'https://a.example' } }), 'metadata.signed.key'],
  'a public key': [signed({ key: publicKey }), 'metadata.signed.key'],
  'a public JWK': [signed({ key: publicJwk }), 'metadata.signed.key'],
  'a symmetric key': [signed({ key: { kty: 'oct', k: SECRET } }), 'metadata.signed.key'],
  'an algorithm of another key': [signed({ algorithm: 'RS256' }), 'metadata.signed.algorithm'],
  'a symmetric algorithm': [signed({ algorithm: 'HS256' }), 'metadata.signed.algorithm'],
  'a key id that is a number': [signed({ keyId: 1 }), 'metadata.signed.keyId'],
  'an unknown member of the signature': [signed({ audience: 'x' }), 'metadata.signed.audience'],
}

describe('A6: option metadata', () => {
  it.each(Object.entries(WRONG))('cannot have %s', (_, [options, option]) => {
    const thrown = problem(options)
    expect(thrown.option).toBe(option)
    expect(thrown.message).toContain(`bearward: option ${option} `)
    expect(thrown.message).not.toContain(SECRET)
  })
})
