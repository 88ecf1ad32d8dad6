import { afterAll, beforeAll, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal, PLACE } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { describeWithNginx, type Nginx, startNginx } from '../support/nginx/nginx.ts'
import { createCertificate, WRITTEN } from '../support/tls/certificates.ts'
import { type Connect, overTls } from '../support/tls/tls.ts'

// A real proxy terminates TLS in front of every adapter; the certificates come from handshakes with it.

const kit = createKit()
const client = createCertificate('client')
const victim = createCertificate('victim')
const boundTo = ({ thumbprint }: { thumbprint: string }) =>
  kit.token({ claims: kit.claims({ cnf: { 'x5t#S256': thumbprint } }) })

describeWithNginx('behind nginx, which terminates TLS (RFC 9440 §1)', () => {
  let apps: readonly App[]
  let careful: Nginx
  let careless: Nginx
  beforeAll(async () => {
    apps = await startAll(
      {
        resource: RESOURCE,
        issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
        clock: () => NOW,
        // Every peer of these APIs is nginx.
        mtls: { proxy: { isTrusted: () => true, header: 'X-Client-Cert', format: 'pem' } },
      },
      [{ path: '/orders', use: (to) => [to.requireScope('read:orders')] }],
    )
    const ports = apps.map(({ port }) => port)
    careful = await startNginx(ports, 'proxy_set_header X-Client-Cert $ssl_client_escaped_cert;')
    careless = await startNginx(ports, '')
  })
  afterAll(async () => {
    careful.stop()
    careless.stop()
    await closeAll(apps)
  })

  const behind = (nginx: Nginx) => apps.map((app, at) => ({ ...app, port: nginx.ports[at] as number }))

  const refuses = (token: string, connect: Connect, lines: readonly string[] = []) =>
    expectRefusal(
      behind(careful),
      { lines: [...bearer(token), ...lines] },
      { error: 'invalid_token', reason: 'confirmation', scope: 'read:orders' },
      PLACE,
      connect,
    )

  const spoofed = [`X-Client-Cert: ${WRITTEN.nginx(victim)}`]

  it('a token is accepted with the certificate that nginx has seen', async () => {
    const lines = bearer(boundTo(client))
    expect((await expectReached(behind(careful), { lines }, overTls(client))).boundBy).toBe('mtls')
    // A header of the client is replaced.
    const both = { lines: [...lines, ...spoofed] }
    expect((await expectReached(behind(careful), both, overTls(client))).boundBy).toBe('mtls')
  })

  it('a token is refused with another certificate, and without one', async () => {
    await refuses(boundTo(victim), overTls(client))
    await refuses(boundTo(victim), overTls())
  })

  it('a token is refused with a header that the client forged (RFC 9440 §4)', async () => {
    await refuses(boundTo(victim), overTls(client), spoofed)
    await refuses(boundTo(victim), overTls(), spoofed)
    await refuses(boundTo(victim), overTls(client), [...spoofed, ...spoofed])
    await refuses(boundTo(victim), overTls(), [`x-client-cert: ${WRITTEN.apache(victim)}`])
    await refuses(boundTo(victim), overTls(), [`X_Client_Cert: ${WRITTEN.nginx(victim)}`])
  })

  it('a trusted proxy that does not replace the header lets clients forge it, undetected', async () => {
    const lines = [...bearer(boundTo(victim)), ...spoofed]
    expect((await expectReached(behind(careless), { lines }, overTls())).boundBy).toBe('mtls')
  })
})
