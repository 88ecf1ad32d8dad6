import { deflateSync } from 'node:zlib'
import { createResourceServer, type IssuerOptions } from 'bearward'
import { type StatusListOptions, statusList } from 'bearward/status-list'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { createLog, send } from '../support/upstream/requests.ts'
import { createUpstreamServer, notFound } from '../support/upstream/server.ts'

export const kit = createKit()

/** `lst` with these bytes. */
export const lstOf = (...bytes: readonly number[]): string => deflateSync(Uint8Array.from(bytes)).toString('base64url')

/** A server whose issuer publishes status lists, a clock that the test sets, and tokens with a status. */
export async function createStatusWorld(options: StatusListOptions = {}, issuer: Partial<IssuerOptions> = {}) {
  const clock = { now: NOW }
  const log = createLog()
  const upstream = await createUpstreamServer()
  const uri = `${upstream.url}/statuslists/1`

  const listToken = (
    claims: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
    signer = kit.signers.ES256,
  ) =>
    kit.token({
      claims: { sub: uri, iat: clock.now - 10, status_list: { bits: 1, lst: lstOf(0b10) }, ...claims },
      header: kit.header({ typ: 'statuslist+jwt', ...header }, signer),
      signer,
    })

  function publish(text: string, headers: Record<string, string> = {}): void {
    upstream.respond = (request, response) => {
      if (request.url !== '/statuslists/1') return notFound(request, response)
      response.writeHead(200, { 'content-type': 'application/statuslist+jwt', ...headers }).end(text)
    }
  }

  const server = createResourceServer({
    resource: RESOURCE,
    issuer: {
      issuer: upstream.url,
      keys: keySetOf(kit.signers.ES256),
      statusList: statusList(options),
      deadline: 1,
      ...issuer,
    },
    clock: () => clock.now,
    onEvent: log.onEvent,
  })
  const tokenWith = (status: unknown, claims: Record<string, unknown> = {}) =>
    kit.token({ claims: kit.claims({ iss: upstream.url, exp: NOW + 100_000, status, ...claims }) })
  publish(listToken())
  return {
    clock,
    log,
    upstream,
    uri,
    server,
    listToken,
    publish,
    tokenWith,
    tokenAt: (idx: unknown, at: unknown = uri) => tokenWith({ status_list: { idx, uri: at } }),
    /** `allowed`, or the reason. */
    async outcome(token: string): Promise<string> {
      const { status, reason } = await send(server, token)
      return reason ?? (status === 200 ? 'allowed' : String(status))
    },
    async stop() {
      server.close()
      await upstream.stop()
    },
  }
}

export type StatusWorld = Awaited<ReturnType<typeof createStatusWorld>>
