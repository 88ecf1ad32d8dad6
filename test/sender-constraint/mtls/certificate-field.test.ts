import { describe, expect, it } from 'vitest'
import { type CertificateFormat, readThumbprint } from '../../../src/sender-constraint/mtls/certificate-field.ts'
import { createCertificate, WRITTEN } from '../../support/tls/certificates.ts'

const client = createCertificate('client')
const { base64, cert, hash, thumbprint } = client
const victim = createCertificate('victim')

const FORMATS: readonly CertificateFormat[] = ['rfc9440', 'der', 'pem', 'xfcc']

describe('a certificate in a header, as proxies send it', () => {
  it.each<[string, CertificateFormat, string]>([
    ['Client-Cert (RFC 9440 §2.2)', 'rfc9440', WRITTEN.rfc9440(client)],
    ['Client-Cert with white space around it (RFC 9110 §5.5)', 'rfc9440', ` \t${WRITTEN.rfc9440(client)} `],
    ['HAProxy and Traefik', 'der', WRITTEN.der(client)],
    ['nginx', 'pem', WRITTEN.nginx(client)],
    ['nginx, with small digits', 'pem', WRITTEN.nginx(client).replace(/%../g, (code) => code.toLowerCase())],
    ['AWS', 'pem', WRITTEN.aws(client)],
    ['Apache', 'pem', WRITTEN.apache(client)],
    ['PEM with the line ends of Windows, encoded', 'pem', encodeURIComponent(cert.replaceAll('\n', '\r\n'))],
    ['PEM without line ends', 'pem', cert.replaceAll('\n', '')],
    ['Envoy', 'xfcc', WRITTEN.envoy(client)],
    ['Envoy with the certificate', 'xfcc', WRITTEN.envoyWithCert(client)],
    ['Envoy with capitals and another order', 'xfcc', `uri="a,b;c=\\"d";HASH=${hash.toUpperCase()}`],
  ])('%s', async (_, format, value) => {
    expect(await readThumbprint(value, format)).toBe(thumbprint)
  })

  it('differs for another certificate', async () => {
    expect(await readThumbprint(WRITTEN.der(victim), 'der')).toBe(victim.thumbprint)
    expect(victim.thumbprint).not.toBe(thumbprint)
  })
})

/** Looks like a base64 certificate, but is not the canonical encoding of its bytes (RFC 4648 §3.2, §3.5). */
const SPELLINGS: Readonly<Record<string, string>> = {
  empty: '',
  'a space inside': `${base64.slice(0, 8)} ${base64.slice(8)}`,
  'a line end inside': `${base64.slice(0, 64)}\n${base64.slice(64)}`,
  'without padding': padded().replace(/=+$/, ''),
  'with too much padding': `${base64}=`,
  'with four characters of padding': `${base64}====`,
  'with padding inside': `${base64.slice(0, 4)}=${base64.slice(4)}`,
  'with bits that belong to no byte': withStrayBits(padded()),
  'in base64url': Buffer.from([0xfb, 0xff, 0xfe, ...Buffer.from(base64, 'base64')]).toString('base64url'),
  'a foreign character': `${base64.slice(0, -4)}AA*A`,
  'a NUL': `${base64}\0`,
  'a letter of another script': `${base64.slice(0, -1)}а`,
  'a full-width letter': `${base64.slice(0, -1)}Ａ`,
}

/** Base64 of bytes whose count is not a multiple of three: it ends with padding. */
function padded(): string {
  const der = Buffer.from(base64, 'base64')
  return der.subarray(0, der.length - ((der.length + 2) % 3)).toString('base64')
}

/** The same bytes to lenient decoders. */
function withStrayBits(text: string): string {
  const [, head = '', last = '', padding = ''] = /^([^=]*)([^=])(=+)$/.exec(text) ?? []
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const stray = `${head}${alphabet[alphabet.indexOf(last) + 1]}${padding}`
  expect(Buffer.from(stray, 'base64').equals(Buffer.from(text, 'base64'))).toBe(true)
  return stray
}

/** Inserts base64 where a format has it; `undefined` where it does not apply: whitespace is part of PEM. */
const WRAPPED: Readonly<Record<CertificateFormat, (text: string) => string | undefined>> = {
  rfc9440: (text) => `:${text}:`,
  der: (text) => text,
  pem,
  xfcc: (text) => pem(text) && `Hash=${hash};Cert="${pem(text)}"`,
}

function pem(text: string): string | undefined {
  return /[ \n]/.test(text) ? undefined : `-----BEGIN CERTIFICATE-----${text}-----END CERTIFICATE-----`
}

const REFUSED: Readonly<Record<CertificateFormat, Readonly<Record<string, string>>>> = {
  rfc9440: {
    'no colons': base64,
    'no colon in front': `${base64}:`,
    'no colon behind': `:${base64}`,
    'two colons on each side': `::${base64}::`,
    'only colons': '::',
    'one colon': ':',
    'a space inside the colons': `: ${base64} :`,
    'a parameter (RFC 8941 §3.1.2)': `:${base64}:;a=1`,
    'two certificates in a list': `:${base64}:, :${victim.base64}:`,
    'two certificates in a row': `:${base64}::${victim.base64}:`,
    'an inner list': `(:${base64}:)`,
    'a string (RFC 8941 §3.3.3)': `"${base64}"`,
    'a token': 'certificate',
    'percent-encoded': encodeURIComponent(`:${base64}:`),
    'PEM between colons': `:${cert.replaceAll('\n', '')}:`,
  },
  der: {
    'colons around it': `:${base64}:`,
    'two certificates, as a chain or as two lines joined': `${base64},${victim.base64}`,
    'two lines joined': `${base64}, ${victim.base64}`,
    'a comma behind it': `${base64},`,
    'percent-encoded': encodeURIComponent(`${base64.slice(0, 4)}+${base64.slice(5)}`),
    PEM: cert.replaceAll('\n', ''),
    'what Apache writes for nothing': '(null)',
  },
  pem: {
    'base64 alone': base64,
    'a chain': `${cert}${victim.cert}`,
    'a chain, encoded': encodeURIComponent(`${cert}${victim.cert}`),
    'a chain in spaces': `${cert}${victim.cert}`.replaceAll('\n', ' '),
    'two lines joined': `${encodeURIComponent(cert)}, ${encodeURIComponent(victim.cert)}`,
    'two lines joined, with the comma encoded': encodeURIComponent(`${cert},${victim.cert}`),
    'encoded twice': encodeURIComponent(encodeURIComponent(cert)),
    'encoded in parts, twice': encodeURIComponent(cert).replaceAll('%2B', '%252B').replaceAll('%0A', '%250A'),
    'form-encoded': encodeURIComponent(cert).replaceAll('%20', '+'),
    'a code that is cut off': `${encodeURIComponent(cert)}%0`,
    'an invalid escape': encodeURIComponent(cert).replace('%0A', '%G0'),
    'bytes that are no UTF-8': `${encodeURIComponent(cert)}%FF`,
    'a NUL behind it': `${encodeURIComponent(cert)}%00`,
    'a no-break space inside': encodeURIComponent(cert.replace('\n', '\u00a0')),
    'a line separator inside': encodeURIComponent(cert.replace('\n', '\u2028')),
    'text in front': `x${cert.replaceAll('\n', ' ')}`,
    'text behind': `${cert.replaceAll('\n', ' ')}x`,
    'another label': cert.replaceAll('\n', ' ').replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'),
    'a request for a certificate': cert.replaceAll('\n', ' ').replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'),
    'a header inside (RFC 1421)': cert.replace('\n', '\nProc-Type: 4,ENCRYPTED\n\n').replaceAll('\n', ' '),
    'no end': cert.replaceAll('\n', ' ').replace('-----END CERTIFICATE-----', ''),
    'nothing inside': '-----BEGIN CERTIFICATE----- -----END CERTIFICATE-----',
    'colons around the base64': `-----BEGIN CERTIFICATE-----:${base64}:-----END CERTIFICATE-----`,
  },
  xfcc: {
    'a hash alone': hash,
    'no hash': `Cert="${encodeURIComponent(cert)}";URI=a`,
    'an empty hash': 'Hash=;URI=a',
    'a short hash': `Hash=${hash.slice(2)}`,
    'a long hash': `Hash=${hash}00`,
    'a hash in base64': `Hash=${Buffer.from(hash, 'hex').toString('base64')}`,
    'a hash with colons': `Hash=${hash.replace(/..(?=.)/g, '$&:')}`,
    'two elements': `${WRITTEN.envoy(client)},${WRITTEN.envoy(victim)}`,
    'two elements with a space': `${WRITTEN.envoy(client)}, ${WRITTEN.envoy(victim)}`,
    'an empty second element': `${WRITTEN.envoy(client)},`,
    'two hashes': `Hash=${hash};Hash=${victim.hash}`,
    'the same hash twice': `Hash=${hash};hash=${hash}`,
    'a hash that a name of the client has brought in': `Hash=${hash};URI=spiffe://a;Hash=${victim.hash}`,
    'an element that a name of the client has brought in': `Hash=${hash};URI=spiffe://a,Hash=${victim.hash}`,
    'a certificate that a name has brought in': `Hash=${hash};URI=a;Cert="${encodeURIComponent(victim.cert)}"`,
    'two certificates': `${WRITTEN.envoyWithCert(client)};Cert="${encodeURIComponent(cert)}"`,
    'a certificate that does not agree with the hash': `Hash=${hash};Cert="${encodeURIComponent(victim.cert)}"`,
    'a chain as the certificate': `Hash=${hash};Cert="${encodeURIComponent(cert + victim.cert)}"`,
    'an empty certificate': `Hash=${hash};Cert=""`,
    'a quote that is not closed': `Hash=${hash};Subject="CN=a`,
    'a quote that a backslash keeps open': `Hash=${hash};Subject="CN=a\\"`,
    'a quote inside of a value': `Hash=${hash};URI=a"b`,
    'text behind a quoted value': `Hash=${hash};Subject="a"b`,
    'a space behind a semicolon': `Hash=${hash}; URI=a`,
    'an empty pair': `Hash=${hash};;URI=a`,
    'a key without value': `Hash=${hash};URI`,
    'a key with a space': `Hash =${hash}`,
    'a pair without key': `=a;Hash=${hash}`,
    'the hash inside a quoted value': `URI="Hash=${hash}"`,
  },
}

describe.each(FORMATS)('invalid certificates in the format %s', (format) => {
  const own = REFUSED[format]
  const spelled = Object.entries(SPELLINGS).flatMap(([name, text]): [string, string][] => {
    const value = WRAPPED[format](text)
    return value === undefined ? [] : [[name, value]]
  })
  const others = Object.entries(WRITTEN).map(([name, write]) => [`as ${name} has it`, write(client)] as const)

  it.each([...Object.entries(own), ...spelled])('%s', async (_, value) => {
    expect(await readThumbprint(value, format)).toBeUndefined()
  })

  it('refuses the format of another proxy, unless it is identical', async () => {
    const read = await Promise.all(others.map(async ([name, value]) => [name, await readThumbprint(value, format)]))
    const accepted = read.filter(([, result]) => result !== undefined).map(([name]) => name)
    expect(accepted).toEqual(
      {
        rfc9440: ['as rfc9440 has it'],
        der: ['as der has it'],
        pem: ['as nginx has it', 'as aws has it', 'as apache has it'],
        xfcc: ['as envoy has it', 'as envoyWithCert has it'],
      }[format],
    )
  })
})
