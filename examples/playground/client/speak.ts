import * as oauth from 'oauth4webapi'
import type { Exchange } from '../exchange.ts'
import type { Tls } from './tls.ts'
import { transmit } from './wire.ts'

/** A parsed response of the authorization server, and the exchange itself. */
export type ServerResult<T> =
  | { readonly ok: true; readonly result: T; readonly exchange: Exchange }
  | { readonly ok: false; readonly error: string; readonly description: string; readonly exchange: Exchange }

interface SentRequest {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: { toString(): string } | string | null | undefined
}

export interface SpeakOptions {
  [oauth.allowInsecureRequests]: true
  [oauth.customFetch]: (url: string, request: SentRequest) => Promise<Response>
}

/** Sends one request of oauth4webapi, and records what goes over the connection. */
export async function speak<T>(
  tls: Tls | undefined,
  send: (options: SpeakOptions) => Promise<Response>,
  read: (response: Response) => Promise<T>,
): Promise<ServerResult<T>> {
  let exchange: Exchange | undefined
  const response = await send({
    [oauth.allowInsecureRequests]: true, // everything is on loopback
    [oauth.customFetch]: async (url, { method, headers, body }) => {
      const sent = await transmit({
        method,
        url: new URL(url),
        headers: Object.entries(headers),
        body: body?.toString(),
        tls,
      })
      const { request, response, tls: connection } = sent
      exchange = {
        from: 'client',
        to: 'authorization server',
        ...(connection && { tls: connection }),
        request,
        response,
      }
      const combined = Object.entries(sent.headers).map(([name, lines]): [string, string] => [name, lines.join(', ')])
      return new Response(sent.response.body, { status: sent.status, headers: combined })
    },
  })
  if (exchange === undefined) throw new Error('oauth4webapi sent no request')
  try {
    return { ok: true, result: await read(response), exchange }
  } catch (thrown) {
    const { error, description } = refusalIn(thrown)
    return { ok: false, error, description, exchange }
  }
}

/** Error responses are part of a flow; any other error is a bug. */
function refusalIn(thrown: unknown): { error: string; description: string } {
  if (thrown instanceof oauth.ResponseBodyError) {
    return { error: thrown.error, description: thrown.error_description ?? '' }
  }
  // If the client authenticated in the Authorization header, the error has a challenge (RFC 6749 §5.2).
  if (thrown instanceof oauth.WWWAuthenticateChallengeError) {
    const { error, error_description: description } = thrown.cause[0]?.parameters ?? {}
    return { error: error ?? String(thrown.status), description: description ?? '' }
  }
  throw thrown
}
