import { createResourceServer } from 'bearward'
import { createClientCertificate } from 'bearward/testing'
import fc from 'fast-check'
import { changedText } from '../arbitraries.ts'
import { outcomeOf, type Target } from '../target.ts'
import { CLAIMS, compact, HEADER, ISSUER, key, NOW, RESOURCE } from '../tokens.ts'

const [client, attacker] = [await createClientCertificate(), await createClientCertificate()]
const token = compact(HEADER, { ...CLAIMS, cnf: client.confirmation }, key)
const base64 = Buffer.from(client.der).toString('base64')

const FORMATS = ['rfc9440', 'der', 'pem', 'xfcc'] as const
type Format = (typeof FORMATS)[number]

const FIELD: Readonly<Record<Format, (certificate: typeof client) => string>> = {
  rfc9440: ({ header }) => header,
  der: ({ der }) => Buffer.from(der).toString('base64'),
  pem: ({ cert }) => encodeURIComponent(cert),
  xfcc: ({ cert }) => `By=spiffe://a;Hash=00;Cert="${encodeURIComponent(cert)}";Subject="CN=a"`,
}

const servers = Object.fromEntries(
  FORMATS.map((format) => [
    format,
    createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: ISSUER, keys: { keys: [key.jwk] } },
      mtls: { mode: 'require', proxy: { isTrusted: () => true, header: 'client-cert', format } },
      clock: () => NOW,
    }),
  ]),
) as Readonly<Record<Format, ReturnType<typeof createResourceServer>>>

interface Input {
  readonly format: Format
  readonly lines: readonly string[]
}

/** Headers in which a proxy forwards the client's certificate (RFC 9440 §2.2). */
export const certificates: Target<Input> = {
  name: 'certificate headers',
  input: fc.constantFrom(...FORMATS).chain((format) => {
    const [right, wrong] = [FIELD[format](client), FIELD[format](attacker)]
    const line = fc.oneof(fc.constant(right), changedText(right), changedText(wrong), changedText(`${right},${wrong}`))
    return fc.record({ format: fc.constant(format), lines: fc.array(line, { maxLength: 2 }) })
  }),
  send({ format, lines }) {
    const call = () =>
      servers[format].authenticate({
        native: {},
        method: 'GET',
        target: '/orders',
        authorization: [`Bearer ${token}`],
        contentType: undefined,
        headers: (name) => (name === 'client-cert' ? lines : []),
        peer: () => ({ address: '10.0.0.1' }) as never,
      })
    return outcomeOf(call, lines.some(contains))
  },
}

/** Whether the certificate of the client is in the field, whatever surrounds it. */
function contains(line: string): boolean {
  const plain = line.replaceAll(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return plain.replaceAll(/\s/g, '').includes(base64)
}
