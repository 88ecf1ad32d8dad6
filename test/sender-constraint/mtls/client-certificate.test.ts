import { createHash } from 'node:crypto'
import { type CertificateFormat, createResourceServer, type Peer, type ResourceRequest } from 'bearward'
import { describe, expect, it } from 'vitest'
import { readThumbprint } from '../../../src/sender-constraint/mtls/certificate-field.ts'
import { keySetOf } from '../../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../../corpus/kit.ts'
import { RESOURCE } from '../../support/issuer/issuer.ts'

const kit = createKit()

/** The outcome for a token bound to these bytes, with a third-party view of a request. */
async function outcomeOf(
  der: Uint8Array,
  view: Partial<ResourceRequest>,
  format: CertificateFormat = 'der',
  isTrusted: (peer: Peer) => unknown = ({ address }) => address === 'proxy',
) {
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
    clock: () => NOW,
    mtls: { proxy: { isTrusted: isTrusted as () => boolean, header: 'cert', format } },
  })
  const thumbprint = createHash('sha256').update(der).digest('base64url')
  const token = kit.token({ claims: kit.claims({ cnf: { 'x5t#S256': thumbprint } }) })
  const authorization = [`Bearer ${token}`]
  try {
    const request = { native: {}, method: 'GET', target: '/', authorization, contentType: undefined, ...view }
    return (await server.authenticate(request)).boundBy
  } catch (thrown) {
    return (thrown as { reason?: string }).reason ?? thrown
  }
}

const der = Uint8Array.from({ length: 600 }, (_, at) => at % 256)
const base64 = Buffer.from(der).toString('base64')
const proxy = { peer: () => ({ address: 'proxy' }) }

describe('the request view of a third-party adapter', () => {
  it('may have the certificate of the connection', async () => {
    expect(await outcomeOf(der, { certificate: () => der })).toBe('mtls')
    // A view into a larger buffer, as sockets return them.
    expect(await outcomeOf(der, { certificate: () => Buffer.concat([Buffer.from('x'), der]).subarray(1) })).toBe('mtls')
    expect(await outcomeOf(der, { certificate: () => der.subarray(1) })).toBe('confirmation')
    expect(await outcomeOf(der, { certificate: () => undefined })).toBe('confirmation')
  })

  it('may have headers and the peer', async () => {
    const headers = (name: string) => (name === 'cert' ? [base64] : [])
    expect(await outcomeOf(der, { headers, ...proxy })).toBe('mtls')
    expect(await outcomeOf(der, { headers, peer: () => ({ address: undefined }) })).toBe('confirmation')
    expect(await outcomeOf(der, { headers: () => [], ...proxy, certificate: () => der })).toBe('confirmation')
  })

  it('proves nothing with two lines of the header: the client may have sent one (RFC 9440 §4)', async () => {
    expect(await outcomeOf(der, { headers: () => [base64, base64], ...proxy })).toBe('confirmation')
    expect(await outcomeOf(der, { headers: () => [base64, ''], ...proxy })).toBe('confirmation')
  })

  it('proves nothing if isTrusted() returns a promise: whatever it becomes, it is an error of the application', async () => {
    const headers = () => [base64]
    for (const isTrusted of [async () => true, async () => false, () => Promise.reject(new Error('own failure'))]) {
      const outcome = await outcomeOf(der, { headers, certificate: () => der }, 'der', isTrusted)
      expect(outcome).toBeInstanceOf(TypeError)
      expect((outcome as unknown as Error).message).toContain(
        'isTrusted() must return a boolean; it returned a promise',
      )
    }
  })

  it('proves nothing if it has nothing', async () => {
    expect(await outcomeOf(der, {})).toBe('confirmation')
    expect(await outcomeOf(der, proxy)).toBe('confirmation')
    expect(await outcomeOf(der, { headers: () => [base64] })).toBe('confirmation')
  })
})

describe('the size of a header value', () => {
  const sized = (bytes: number) => {
    const large = new Uint8Array(bytes).fill(1)
    return outcomeOf(large, { headers: () => [Buffer.from(large).toString('base64')], ...proxy })
  }

  it('may be 16 KiB', async () => {
    expect(await sized(12_288)).toBe('mtls')
  })

  it('may not be larger, and is not parsed then', async () => {
    expect(await sized(12_289)).toBe('confirmation')
  })
})

// No time is measured here: a quadratic parser would hit the test timeout.
const MANY = 600_000
const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

describe('R5: a hostile value costs linear time in every format', () => {
  it.each<[string, string]>([
    ['colons', ':'.repeat(MANY)],
    ['a colon and letters', `:${'a'.repeat(MANY)}`],
    ['equals signs', '='.repeat(MANY)],
    ['spaces', `a${' '.repeat(MANY)}a`],
    ['percent signs', '%'.repeat(MANY)],
    ['percent codes', '%41'.repeat(MANY)],
    ['percent codes, and a wrong one', `${'%41'.repeat(MANY)}%`],
    ['dashes', '-'.repeat(MANY)],
    ['beginnings', BEGIN.repeat(MANY / 20)],
    ['ends', `${BEGIN}${END.repeat(MANY / 20)}`],
    ['a beginning and spaces', `${BEGIN}${' '.repeat(MANY)}x`],
    ['spaces behind the end', `${BEGIN}AAAA${END}${' '.repeat(MANY)}x`],
    ['quotes', `Subject=${'"'.repeat(MANY)}`],
    ['a quote that stays open', `Subject="${'a'.repeat(MANY)}`],
    ['backslashes that stay open', `Subject="${'\\'.repeat(MANY)}`],
    ['escaped quotes that stay open', `Subject="${'\\"'.repeat(MANY)}`],
    ['semicolons', ';'.repeat(MANY)],
    ['pairs', `${'a=;'.repeat(MANY / 4)}!`],
    ['a key without end', 'a'.repeat(MANY + 1)],
    ['hashes', 'Hash=a;'.repeat(MANY / 8)],
  ])('%s', async (_, value) => {
    for (const format of ['rfc9440', 'der', 'pem', 'xfcc'] as const) {
      expect(await readThumbprint(value, format)).toBeUndefined()
    }
  })
})
