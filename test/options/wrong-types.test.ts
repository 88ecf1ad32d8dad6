import { ConfigurationError } from 'bearward'
import * as express from 'bearward/express'
import * as fastify from 'bearward/fastify'
import * as fetch from 'bearward/fetch'
import * as hono from 'bearward/hono'
import * as node from 'bearward/node'
import { describe, expect, it } from 'vitest'
import { cacheSize, issuerWith, jwksCache, limits, problem, server } from './problem.ts'

const TYPES: Readonly<Record<string, readonly [value: unknown, got: string]>> = {
  undefined: [undefined, 'got undefined (is an environment variable missing?'],
  null: [null, 'got null (omit an optional member)'],
  'a number': [7, 'got 7'],
  'a boolean': [true, 'got true'],
  'a text': ['maybe', 'got "maybe"'],
  'an empty text': ['', 'got ""'],
  'a long text': ['x'.repeat(81), 'got a string of 81 characters'],
  'an object': [{ secret: 'SECRET' }, 'got a value of type object'],
  'an empty array': [[], 'got an empty array'],
  'an array': [['SECRET'], 'got an array'],
  'a function': [() => 'SECRET', 'got a function'],
  'a symbol': [Symbol('SECRET'), 'got a value of type symbol'],
  'a bigint': [1n, 'got a value of type bigint'],
  NaN: [Number.NaN, 'got NaN'],
  Infinity: [Number.POSITIVE_INFINITY, 'got Infinity'],
  'a negative number': [-1, 'got -1'],
}

interface Option {
  /** Its name in the error. */
  readonly option: string
  readonly set: (value: unknown) => unknown
  /** The requirement in the error. */
  readonly wants: string
  /** The types above that are right, or have a different message. */
  readonly except?: readonly string[]
}

/** Where an object belongs, a string may be a secret: its text is not repeated. */
const STRINGS = ['a text', 'an empty text', 'a long text']

const ONE_OF = (...values: readonly string[]) => `must be ${values.map((value) => `"${value}"`).join(' or ')};`

const number = (option: string, set: Option['set'], wants: string, except: readonly string[] = []): Option => ({
  option,
  set,
  wants: `must be a number of ${wants};`,
  except,
})

const SCALARS: readonly Option[] = [
  {
    option: 'resource',
    set: (value) => server({ resource: value }),
    wants: 'must be an absolute URL;',
    except: ['undefined'],
  },
  {
    option: 'realm',
    set: (value) => server({ realm: value }),
    wants: 'must be printable ASCII without quote or backslash;',
    except: ['a text', 'a long text'],
  },
  { option: 'queryTokens', set: (value) => server({ queryTokens: value }), wants: ONE_OF('reject', 'ignore') },
  { option: 'formTokens', set: (value) => server({ formTokens: value }), wants: ONE_OF('off', 'accept') },
  {
    option: 'credentials',
    set: (value) => server({ credentials: value }),
    wants: 'must be an object such as { header: … };',
    except: ['an object', ...STRINGS],
  },
  {
    option: 'credentials.header',
    set: (value) => server({ credentials: { header: value } }),
    wants: 'must be the name of a header field;',
    except: ['a text', 'a long text'],
  },
  {
    option: 'credentials.cookie.name',
    set: (value) => server({ credentials: { cookie: { name: value } } }),
    wants: 'must be the name of a cookie;',
    except: ['undefined', 'a text', 'a long text'],
  },
  {
    option: 'credentials.webSocketProtocol',
    set: (value) => server({ credentials: { webSocketProtocol: value } }),
    wants: 'must be true or false;',
    except: ['a boolean'],
  },
  { option: 'errors', set: (value) => server({ errors: value }), wants: ONE_OF('respond', 'forward') },
  { option: 'body', set: (value) => server({ body: value }), wants: ONE_OF('oauth', 'problem') },
  { option: 'detail', set: (value) => server({ detail: value }), wants: ONE_OF('full', 'minimal') },
  ...['clock', 'fetch', 'onEvent', 'waitUntil'].map((name) => ({
    option: name,
    set: (value: unknown) => server({ [name]: value }),
    wants: 'must be a function;',
    except: ['a function'],
  })),
  { option: 'claims', set: (value) => server({ claims: value }), wants: 'must be a Standard Schema' },
  {
    option: 'scopes',
    set: (value) => server({ scopes: value }),
    wants: 'must be an array',
    except: ['an array', 'an object'],
  },
  {
    option: 'limits',
    set: (value) => server({ limits: value }),
    wants: 'must be an object such as { token: … };',
    except: ['an object', ...STRINGS],
  },
  number('limits.token', (value) => limits({ token: value }), 'bytes, from 1 to 65536', ['a number']),
  number('limits.header', (value) => limits({ header: value }), 'bytes, from 1 to 65536', ['a number']),
  number('limits.form', (value) => limits({ form: value }), 'characters, from 1 to 16777216', ['a number']),
  number('limits.keyId', (value) => limits({ keyId: value }), 'characters, from 1 to 4096', ['a number']),
  number('cacheSize.jwt', (value) => cacheSize({ jwt: value }), 'tokens, from 0 to 1000000', ['a number']),
  number('limits.keySet', (value) => limits({ keySet: value }), 'bytes, from 1 to 16777216', ['a number']),
  number('limits.keys', (value) => limits({ keys: value }), 'keys, from 1 to 10000', ['a number']),
  {
    option: 'issuer.issuer',
    set: (value) => issuerWith({ issuer: value }),
    wants: 'must be an absolute URL;',
    except: ['undefined'],
  },
  {
    option: 'issuer.audience',
    set: (value) => issuerWith({ audience: value }),
    wants: 'must be',
    except: ['null', 'a text', 'a long text', 'an array'],
  },
  {
    option: 'issuer.profile',
    set: (value) => issuerWith({ profile: value }),
    wants: ONE_OF('compat', 'rfc9068', 'report-only'),
  },
  {
    option: 'issuer.algorithms',
    set: (value) => issuerWith({ algorithms: value }),
    wants: 'must be an array with at least one element;',
    except: ['an array'],
  },
  {
    option: 'issuer.keys',
    set: (value) => issuerWith({ keys: value }),
    wants: 'must be an https URL, a JWK Set',
    except: ['null', ...STRINGS],
  },
  {
    option: 'issuer.internalUrl',
    set: (value) => issuerWith({ internalUrl: value }),
    wants: 'must be an absolute URL;',
  },
  {
    option: 'issuer.scopeClaims',
    set: (value) => issuerWith({ scopeClaims: value }),
    wants: 'must be an array with at least one element;',
    except: ['an array'],
  },
  {
    option: 'issuer.clients',
    set: (value) => issuerWith({ clients: value }),
    wants: 'must be an array with at least one element;',
    except: ['an array'],
  },
  ...['soleAudience', 'allowIdTokenClaims', 'allowInsecureRequests'].map((name) => ({
    option: `issuer.${name}`,
    set: (value: unknown) => issuerWith({ [name]: value }),
    wants: 'must be true or false;',
    except: ['a boolean'],
  })),
  number('issuer.clockTolerance', (value) => issuerWith({ clockTolerance: value }), 'seconds, from 0 to 60', [
    'a number',
  ]),
  number('issuer.maxAge', (value) => issuerWith({ maxAge: value }), 'seconds, 1 or more', ['a number']),
  number('issuer.deadline', (value) => issuerWith({ deadline: value }), 'seconds, from 0.001 to 300', ['a number']),
  {
    option: 'issuer.jwksCache',
    set: (value) => issuerWith({ jwksCache: value }),
    wants: 'must be an object such as { maxAge: … };',
    except: ['an object', ...STRINGS],
  },
  number('issuer.jwksCache.maxAge', (value) => jwksCache({ maxAge: value }), 'seconds, 1 or more', ['a number']),
  number('issuer.jwksCache.staleIfError', (value) => jwksCache({ staleIfError: value }), 'seconds, from 0 to 86400', [
    'a number',
  ]),
  number('issuer.jwksCache.cooldown', (value) => jwksCache({ cooldown: value }), 'seconds, 1 or more', ['a number']),
  number('issuer.jwksCache.backoff', (value) => jwksCache({ backoff: value }), 'seconds, from 0.001 to 3600', [
    'a number',
  ]),
  number('issuer.jwksCache.maxBackoff', (value) => jwksCache({ maxBackoff: value }), 'seconds, 1 or more', [
    'a number',
  ]),
]

describe.each(SCALARS)('A6: option $option', ({ option, set, wants, except = [] }) => {
  const values = Object.entries(TYPES).filter(([name]) => !except.includes(name))

  it.each(values)('cannot be %s', (_, [value, got]) => {
    const thrown = problem(set(value))
    expect(thrown.option).toBe(option)
    expect(thrown.message).toContain(`bearward: option ${option} `)
    expect(thrown.message).toContain(wants)
    expect(thrown.message).toContain(got)
    expect(thrown.message).not.toContain('SECRET')
  })
})

it.each(Object.entries({ express, fastify, fetch, hono, node }))(
  'A6: no options at all, with bearward/%s, is a configuration error',
  (_, { resourceServer }) => {
    for (const none of [undefined, null, 'https://api.example.com'] as never[]) {
      expect(() => (resourceServer as (input: object) => unknown)(none)).toThrow(ConfigurationError)
    }
  },
)
