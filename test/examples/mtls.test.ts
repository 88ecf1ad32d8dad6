import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { derOf, startProvider, tokenOf } from '../interop/oidc-provider-clients.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { type Certificate, createCertificate } from '../support/tls/certificates.ts'
import { type Program, runProgram, startProgram } from './program.ts'

// examples/mtls.ts as users run it: TLS in its own process, tokens bound by a real authorization server.

const CLIENT = 'bound-jwt-robot'
// Client certificates of Bun and Deno are out of scope here: both ends run on Node.
const IS_NODE = !('Bun' in globalThis) && !('Deno' in globalThis)

let folder: string
let provider: OidcProvider
let program: Program
let settings: Record<string, string>
let certificate: Certificate
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bearward-'))
  provider = await startProvider()
  certificate = createCertificate('robot')
  const { key, cert } = createCertificate('localhost')
  const [TLS_KEY, TLS_CERT] = [join(folder, 'server.key'), join(folder, 'server.crt')]
  await Promise.all([writeFile(TLS_KEY, key), writeFile(TLS_CERT, cert)])
  settings = { ISSUER: provider.issuer, RESOURCE, TLS_KEY, TLS_CERT }
})
afterAll(async () => {
  await provider.stop()
  await rm(folder, { recursive: true })
})

/** One request, on its own connection. */
function ask(token: string | undefined, { method = 'GET', by }: { method?: string; by?: Certificate } = {}) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const identity = by && { key: by.key, cert: by.cert }
  return new Promise<{ status: number | undefined; body: unknown }>((resolve, reject) => {
    const options = { method, headers, ...identity, rejectUnauthorized: false, agent: false }
    const call = request(`${program.url}/orders`, options, (response) => {
      json(response).then((body) => resolve({ status: response.statusCode, body }), reject)
    })
    call.on('error', reject).end()
  })
}

describe.runIf(IS_NODE)('examples/mtls.ts', () => {
  beforeEach(async () => {
    program = await startProgram('mtls', settings)
  })
  afterEach(() => program.stop())

  const bound = (scope: string) => tokenOf(provider, CLIENT, { scope, certificate: derOf(certificate) })

  it('accepts a bound token over a connection with its certificate (RFC 8705 §3)', async () => {
    const token = await bound('read:orders write:orders')
    expect(await ask(token, { by: certificate })).toMatchObject({ status: 200, body: { boundBy: 'mtls' } })
    expect(await ask(token, { by: certificate, method: 'POST' })).toMatchObject({ status: 201, body: { by: CLIENT } })
  })

  it('refuses a stolen token: without a certificate, and with another one', async () => {
    const token = await bound('read:orders')
    const refused = { status: 401, body: { reason: 'confirmation' } }
    expect(await ask(token)).toMatchObject(refused)
    expect(await ask(token, { by: createCertificate('thief') })).toMatchObject(refused)
    const { code, output } = await program.stop()
    expect(code).toBe(0)
    expect(output).toContain('refused: confirmation')
    expect(output).not.toContain(token)
  })

  it('lets bearer tokens read; ordering requires a bound one', async () => {
    const token = await tokenOf(provider, 'jwt-robot', { scope: 'read:orders write:orders' })
    expect(await ask(token, { by: certificate })).toMatchObject({ status: 200, body: { boundBy: null } })
    const ordered = await ask(token, { by: certificate, method: 'POST' })
    expect(ordered).toMatchObject({ status: 401, body: { reason: 'unbound' } })
  })
})

it.each(['ISSUER', 'RESOURCE', 'TLS_KEY', 'TLS_CERT'])('examples/mtls.ts reports that %s is missing', async (name) => {
  const { [name]: _, ...rest } = settings
  const expected = { code: 2, output: expect.stringContaining(`${name} is not set`) }
  expect(await runProgram('mtls', rest)).toMatchObject(expected)
})
