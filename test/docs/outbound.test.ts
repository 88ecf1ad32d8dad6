import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestIssuer, type TestIssuer } from 'bearward/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runText } from '../examples/program.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { selfSigned } from '../support/tls/untrusted-server.ts'
import { readPage } from './pages.ts'

// What docs/outbound.md says about the requests to an authorization server, in processes of their own.

const page = readPage('docs/outbound.md')

/** The lines of the page's program between its imports and the server, which must work as they are. */
const proxied = /^const dispatcher[\s\S]*?dispatcher \}\)$/m.exec(page.text)?.[0] ?? ''

/** Verifies TOKEN with the issuer of ISSUER. */
const program = (imports = '', prelude = '', options = ''): string => `
  import { createResourceServer } from 'bearward'
  ${imports}
  ${prelude}
  const server = createResourceServer({ resource: '${RESOURCE}', issuer: process.env.ISSUER ?? '', ${options} })
  const { status, reason } = await server.verify(process.env.TOKEN ?? '').then(() => ({ status: 200, reason: 'none' }), (error) => error)
  console.log('result', status, reason)
  server.close()`

let issuer: TestIssuer
let folder: string
beforeAll(async () => {
  issuer = await createTestIssuer({ server: createServer(), resource: RESOURCE })
  folder = await mkdtemp(join(tmpdir(), 'bearward-outbound-'))
})
afterAll(async () => {
  await issuer.stop()
  await rm(folder, { recursive: true })
})

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

describe('a private CA', () => {
  // The certificate of this test is its own CA, which Deno accepts for no server.
  it.skipIf('Deno' in globalThis)(
    'is trusted with NODE_EXTRA_CA_CERTS, and otherwise the issuer is unavailable',
    async () => {
      const { key, cert } = selfSigned('localhost')
      const ca = join(folder, 'ca.pem')
      await writeFile(ca, cert)
      const secure = createSecureServer({ key, cert }, (from, to) => issuerAtHome.listener(from, to))
      const port = await listen(secure)
      const issuerAtHome = await createTestIssuer({ issuer: `https://localhost:${port}`, resource: RESOURCE })
      const settings = { ISSUER: issuerAtHome.issuer, TOKEN: await issuerAtHome.jwt() }
      try {
        const trusted = await runText('outbound-ca', program(), { ...settings, NODE_EXTRA_CA_CERTS: ca })
        expect(trusted.output).toContain('result 200 none')
        const untrusted = await runText('outbound-no-ca', program(), settings)
        expect(untrusted.output).toContain('result 503 keys_unavailable')
      } finally {
        secure.close()
        secure.closeAllConnections()
      }
    },
  )
})

describe('a proxy', () => {
  it('is used by the fetch that the page shows', async () => {
    const tunnels: string[] = []
    const proxy = createServer((from, to) => {
      // Absolute-form, for plain http.
      tunnels.push(new URL(from.url ?? '').host)
      from.pipe(
        request(from.url ?? '', { method: from.method, headers: from.headers }, (response) => {
          to.writeHead(response.statusCode ?? 502, response.headers)
          response.pipe(to)
        }),
      )
    })
    proxy.on('connect', (from, socket) => {
      tunnels.push(from.url ?? '')
      const [host = '', port] = (from.url ?? '').split(':')
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        upstream.pipe(socket).pipe(upstream)
      })
      upstream.on('error', () => socket.destroy())
      socket.on('error', () => upstream.destroy())
    })
    const port = await listen(proxy)
    try {
      expect(proxied).toContain('EnvHttpProxyAgent')
      const imports = "import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici'"
      const text = program(imports, proxied, 'fetch: proxied as unknown as typeof fetch')
      const { output } = await runText('outbound-proxy', text, {
        ISSUER: issuer.issuer,
        TOKEN: await issuer.jwt(),
        HTTP_PROXY: `http://127.0.0.1:${port}`,
      })
      expect(output).toContain('result 200 none')
      expect(new Set(tunnels)).toEqual(new Set([new URL(issuer.issuer).host]))
    } finally {
      proxy.close()
      proxy.closeAllConnections()
    }
  })
})
