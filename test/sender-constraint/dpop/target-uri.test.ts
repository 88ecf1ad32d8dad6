import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTargets, readTargetUri } from '../../../src/sender-constraint/dpop/target-uri.ts'
import { codePoint } from '../../support/code-points.ts'

const ORDERS = 'https://api.example.com/orders'
const api = createTargets(['https://api.example.com'])

describe('a proof for /orders', () => {
  it.each([
    ['itself', ORDERS],
    ['the scheme in capitals (RFC 3986 §6.2.2.1)', 'HTTPS://api.example.com/orders'],
    ['the host in capitals (RFC 3986 §6.2.2.1)', 'https://API.Example.COM/orders'],
    ['the default port (RFC 3986 §6.2.3)', 'https://api.example.com:443/orders'],
    ['an empty port (RFC 3986 §6.2.3)', 'https://api.example.com:/orders'],
    ['the default port with leading zeros', 'https://api.example.com:00443/orders'],
    ['a query (RFC 9449 §4.3 check 9)', `${ORDERS}?page=2&filter[a]=/../b`],
    ['an empty query', `${ORDERS}?`],
    ['a fragment (RFC 9449 §4.3 check 9)', `${ORDERS}#top?x`],
    ['escapes of unreserved characters (RFC 3986 §6.2.2.2)', 'https://api.example.com/%6frd%65%72s'],
    ['escapes of unreserved characters in the host', 'https://%61pi.ex%41mple.com/orders'],
    ['dot segments (RFC 3986 §6.2.2.3)', 'https://api.example.com/a/./../orders'],
    ['dot segments above the root', 'https://api.example.com/../../orders'],
    ['dot segments that are escaped', 'https://api.example.com/a/%2e%2E/orders'],
  ])('may have %s', (_, htu) => {
    expect(api.matches(htu, '/orders')).toBe(true)
  })

  it.each([
    ['another scheme', 'http://api.example.com/orders'],
    ['the port of the other scheme', 'https://api.example.com:80/orders'],
    ['another port', 'https://api.example.com:4430/orders'],
    ['another port, with a zero inside', 'https://api.example.com:4043/orders'],
    ['another host', 'https://evil.example/orders'],
    ['a host that begins alike', 'https://api.example.com.evil.example/orders'],
    ['a host that ends alike', 'https://evil-api.example.com/orders'],
    ['the fully qualified spelling of the host', 'https://api.example.com./orders'],
    ['another path', 'https://api.example.com/order'],
    ['a path in capitals', 'https://api.example.com/Orders'],
    ['a slash at the end', 'https://api.example.com/orders/'],
    ['two slashes', 'https://api.example.com//orders'],
    ['a dot segment at the end', 'https://api.example.com/orders/.'],
    ['an escaped slash', 'https://api.example.com%2Forders'],
    ['an escaped slash in the path', 'https://api.example.com/%2Forders'],
    ['an escape twice over', 'https://api.example.com/%256frders'],
    ['an escape of an escape', 'https://api.example.com/%2%36frders'],
    ['an escaped question mark', 'https://api.example.com/orders%3F'],
    ['a parameter of the path', 'https://api.example.com/orders;v=1'],
    ['no scheme', '//api.example.com/orders'],
    ['no host (RFC 9110 §4.2.1)', 'https:///orders'],
    ['no host but a port', 'https://:443/orders'],
    ['no authority', 'https:/api.example.com/orders'],
    ['one slash too many', 'https:////api.example.com/orders'],
    ['a path only', '/orders'],
    ['nothing', ''],
    ['userinfo (RFC 9110 §4.2.4)', 'https://user@api.example.com/orders'],
    ['empty userinfo', 'https://@api.example.com/orders'],
    ['userinfo with our host in it', 'https://api.example.com:443@evil.example/orders'],
    ['a backslash for a slash', 'https:\\\\api.example.com\\orders'],
    ['a backslash in the authority', 'https://api.example.com\\@evil.example/orders'],
    ['white space around it', ` ${ORDERS} `],
    ['a line break at the end', `${ORDERS}\n`],
    ['a tab in the middle, which parsers of the web drop', 'https://api.exa\tmple.com/orders'],
    ['a zero byte', `${ORDERS}\0`],
    ['a control character in the query', `${ORDERS}?\u0001`],
    ['a letter of another script', 'https://аpi.example.com/orders'],
    ['a full-width letter, which parsers of the web fold', 'https://ａpi.example.com/orders'],
    ['an escape without digits', 'https://api.example.com/orders%'],
    ['an escape with one digit', 'https://api.example.com/orders%4'],
    ['an escape with a foreign digit', 'https://api.example.com/%g0orders'],
    ['a broken escape in the query', `${ORDERS}?%`],
    ['an escape with one digit in the query', `${ORDERS}?%4`],
    ['a port that is not a number', 'https://api.example.com:https/orders'],
    ['a sign before the port', 'https://api.example.com:+443/orders'],
    ['two ports', 'https://api.example.com:443:443/orders'],
    ['a bracket in the path', 'https://api.example.com/orders[0]'],
    ['another kind of URI', 'urn:https://api.example.com/orders'],
    ['a scheme that parsers of the web know', 'ws://api.example.com/orders'],
  ])('may not have %s', (_, htu) => {
    expect(api.matches(htu, '/orders')).toBe(false)
  })
})

describe('the target of a request', () => {
  it.each([
    ['with a query (RFC 9112 §3.2.1)', '/orders?page=2', ORDERS],
    ['with characters in the query that no URI has', '/orders?a|b"c', ORDERS],
    ['with escapes of unreserved characters', '/%6Frders', ORDERS],
    ['in absolute form: only its path counts (RFC 9112 §3.2.2)', 'http://evil.example:81/orders?x', ORDERS],
    ['in absolute form without a path', 'http://evil.example', 'https://api.example.com'],
    ['that is the root', '/', 'https://api.example.com'],
    [
      'that begins with two slashes: no authority',
      '//evil.example/orders',
      'https://api.example.com//evil.example/orders',
    ],
    ['that holds an escaped slash', '/a%2fb', 'https://api.example.com/a%2Fb'],
    ['that holds a colon', '/a:b', 'https://api.example.com/a:b'],
    ['with dots in a name', '/.well-known/...', 'https://api.example.com/.well-known/...'],
    ['of a proof that ends with a dot segment (RFC 3986 §5.2.4)', '/orders/', `${ORDERS}/.`],
    ['of a proof that ends with two dots', '/orders/', `${ORDERS}/x/..`],
  ])('matches %s', (_, target, htu) => {
    expect(api.matches(htu, target)).toBe(true)
  })

  it.each([
    ['that begins with two slashes is not on their host', '//evil.example/orders', 'https://evil.example/orders'],
    ['in absolute form is not on its host', 'https://evil.example/orders', 'https://evil.example/orders'],
    ['with an escaped slash is not a path of two segments', '/a%2Fb', 'https://api.example.com/a/b'],
    ['with two segments is not an escaped slash', '/a/b', 'https://api.example.com/a%2Fb'],
    ['with dot segments could be another path', '/a/../orders', ORDERS],
    ['with dot segments could be another path, even to the same proof', '/a/../b', 'https://api.example.com/a/../b'],
    ['with escaped dot segments could be another path', '/a/%2e%2E/orders', ORDERS],
    ['with one dot could be another path', '/./orders', ORDERS],
    ['with a backslash', '/\\orders', 'https://api.example.com/orders'],
    ['with a broken escape', '/%6', 'https://api.example.com/%6'],
    ['that is a star (RFC 9112 §3.2.4)', '*', 'https://api.example.com/'],
    ['that is an authority (RFC 9112 §3.2.3)', 'api.example.com:443', 'https://api.example.com/'],
    ['without a slash', 'orders', ORDERS],
    ['that is empty', '', 'https://api.example.com/'],
  ])('%s', (_, target, htu) => {
    expect(api.matches(htu, target)).toBe(false)
  })
})

describe('public URLs', () => {
  it('may have a path that a proxy strips', () => {
    for (const url of ['https://api.example.com/v1', 'https://api.example.com/v1/']) {
      const mounted = createTargets([url])
      expect(mounted.matches('https://api.example.com/v1/orders', '/orders')).toBe(true)
      expect(mounted.matches('https://api.example.com/orders', '/orders')).toBe(false)
      expect(mounted.matches('https://api.example.com/v1orders', 'orders')).toBe(false)
      expect(mounted.matches('https://api.example.com/v1/', '/')).toBe(true)
      expect(mounted.matches('https://api.example.com/v1', '/')).toBe(true)
      expect(mounted.matches('https://api.example.com/', '/')).toBe(false)
      expect(mounted.matches('https://api.example.com/v1', '/orders')).toBe(false)
      expect(mounted.matches('https://api.example.com/admin', '/../admin')).toBe(false)
      expect(mounted.matches('https://api.example.com/v1undefined', '*')).toBe(false)
    }
  })

  it('may be several, and none lends its path to another', () => {
    const both = createTargets(['https://api.example.com/v1', 'http://[::1]:3000'])
    expect(both.matches('https://api.example.com/v1/orders', '/orders')).toBe(true)
    expect(both.matches('http://[::1]:3000/orders', '/orders')).toBe(true)
    expect(both.matches('https://api.example.com/orders', '/orders')).toBe(false)
    expect(both.matches('http://[::1]:3000/v1/orders', '/orders')).toBe(false)
    expect(both.matches('http://[::1]/orders', '/orders')).toBe(false)
  })

  it('may be written in normal form or not', () => {
    const odd = createTargets(['HTTPS://API.example.com:0443/%76%31/./'])
    expect(odd.matches('https://api.example.com/v1/orders', '/orders')).toBe(true)
    expect(createTargets(['http://[FE80::A]:080']).matches('http://[fe80::a]/', '/')).toBe(true)
  })

  it('match nothing if there are none', () => {
    expect(createTargets([]).matches(ORDERS, '/orders')).toBe(false)
  })

  it.each([
    '',
    'api.example.com',
    '/v1',
    'ftp://api.example.com',
    'https://',
    'https://a b',
    'https://u:p@a',
    'https://ü',
    'https://a/[x]',
  ])('are refused if invalid: %j', (url) => {
    expect(() => createTargets([url])).toThrow(new TypeError('bearward: a public URL is not an http or https URI'))
  })
})

describe('any URI', () => {
  const letters = fc.constantFrom(
    ..."abcXYZ019-._~!$&'()*+,;=:@/".split(''),
    '%2F',
    '%2f',
    '%25',
    '%41',
    '%7e',
    '%C3',
    '/../',
    '/./',
    '/%2E%2e/',
  )
  const path = fc.array(letters, { maxLength: 12 }).map((parts) => `/${parts.join('')}`)
  const host = fc.constantFrom('api.example.com', 'API.example.com', 'a', '[::1]', '[FE80::1]', '127.0.0.1', '%61.b')
  const port = fc.constantFrom('', ':', ':80', ':443', ':0443', ':8080', ':0')
  const scheme = fc.constantFrom('http', 'https', 'HTTP', 'Https')
  const uri = fc.tuple(scheme, host, port, path).map(([s, h, p, rest]) => `${s}://${h}${p}${rest}`)
  const texts = (one: string) => {
    const read = readTargetUri(one)
    return read && read.origin + read.path
  }

  it('is unchanged if already normalized', () => {
    fc.assert(
      fc.property(uri, (one) => {
        const normal = texts(one)
        expect(normal).toBeDefined()
        expect(texts(normal ?? '')).toBe(normal)
      }),
    )
  })

  it('means what a URL parser reads, which resolves dots but keeps escapes', () => {
    fc.assert(
      fc.property(uri, (one) => {
        const url = new URL(one)
        expect(texts(url.origin + url.pathname)).toBe(texts(one))
      }),
    )
  })

  it('matches in both directions', () => {
    const plain = path.filter((one) => !/\/\.\.?(?:\/|$)/.test(one.replace(/%2e/gi, '.')))
    fc.assert(
      fc.property(plain, plain, (one, other) => {
        const there = api.matches(`https://api.example.com${one}`, other)
        expect(api.matches(`https://api.example.com${other}`, one)).toBe(there)
        expect(api.matches(`https://api.example.com${one}`, one)).toBe(true)
      }),
    )
  })

  it('never matches with another host, port, scheme or path', () => {
    const plain = fc.stringMatching(/^(?:\/[a-z0-9]{1,4}){1,3}$/)
    const suffix = fc.constantFrom('/', 'x', '/x', ';x', '%2F', '/..', '%00', ':', '//')
    fc.assert(
      fc.property(plain, suffix, (one, more) => {
        expect(api.matches(`https://api.example.com${one}`, one)).toBe(true)
        expect(api.matches(`https://api.example.com${one}${more}`, one)).toBe(false)
        expect(api.matches(`https://api.example.com${one}`, `${one}${more}`)).toBe(false)
        expect(api.matches(`https://api.example.com:8443${one}`, one)).toBe(false)
        expect(api.matches(`https://x.api.example.com${one}`, one)).toBe(false)
        expect(api.matches(`http://api.example.com${one}`, one)).toBe(false)
      }),
    )
  })

  it('is parsed or refused, and the parser never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: codePoint }), fc.string({ unit: codePoint }), (one, other) => {
        expect(typeof api.matches(`https://api.example.com/${one}`, other)).toBe('boolean')
        expect(typeof api.matches(one, `/${other}`)).toBe('boolean')
      }),
    )
  })
})
