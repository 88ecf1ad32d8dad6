import { allOf, anyOf, ConfigurationError, createResourceServer, type ResourceServerOptions } from 'bearward'
import { describe, expect, it } from 'vitest'

const resource = 'https://api.example.com'
const issuer = 'https://auth.example.com'

describe('options whose members come from a prototype', () => {
  const strict = { profile: 'rfc9068', maxAge: 1, algorithms: ['ES256'], audience: 'other' }

  it('are refused: ignoring them would disable checks', () => {
    const inherited = Object.assign(Object.create(strict), { issuer })
    expect(() => createResourceServer({ resource, issuer: inherited })).toThrow(/issuer must be a plain object/)
    const options = Object.assign(Object.create({ claims: {} }), { resource, issuer }) as ResourceServerOptions
    expect(() => createResourceServer(options)).toThrow(ConfigurationError)
    class Options {
      resource = resource
      issuer = issuer
    }
    expect(() => createResourceServer(new Options())).toThrow(ConfigurationError)
  })

  it('are refused in nested options, too', () => {
    const hidden = Object.defineProperty({ resource, issuer }, 'audiences', { value: ['a'], enumerable: false })
    expect(() => createResourceServer(hidden)).toThrow(/audiences is unknown/)
    expect(() => createResourceServer({ resource, issuer, [Symbol('audience')]: 'a' } as never)).toThrow(/is unknown/)
  })

  it('may have no prototype at all', () => {
    const bare = Object.assign(Object.create(null), { resource, issuer }) as ResourceServerOptions
    expect(createResourceServer(bare).metadata.document.resource).toBe(resource)
  })
})

describe('identifiers with white space', () => {
  for (const [name, value] of Object.entries({
    'a line end': `${issuer}\n`,
    'a space': ` ${issuer}`,
    'a tab': `${issuer}\t`,
  })) {
    it(`are refused with ${name}: they can never equal a claim`, () => {
      expect(() => createResourceServer({ resource, issuer: value })).toThrow(/issuer must be an absolute URL/)
      expect(() => createResourceServer({ resource: value, issuer })).toThrow(/resource must be an absolute URL/)
    })
  }
})

describe('empty lists and combinations', () => {
  it('are refused', () => {
    expect(() => createResourceServer({ resource, issuer: new Array(1) as never })).toThrow(ConfigurationError)
    expect(() => createResourceServer({ resource, issuer: { issuer, algorithms: new Array(2) as never } })).toThrow(
      ConfigurationError,
    )
    expect(() => allOf()).toThrow(/allOf needs at least one guard/)
    expect(() => anyOf()).toThrow(/anyOf needs at least one guard/)
  })
})
