import type { IncomingMessage, ServerResponse } from 'node:http'
import { inPairs } from '../client/wire.ts'
import type { Exchange, Message } from '../exchange.ts'

const MAX_TRAILS = 50

/**
 * The browser's exchanges with the authorization server, by the `state` of the authorization request. Later requests
 * have no `state`; the `Location` of each response identifies the next one.
 */
export class Trail {
  readonly #filed = new Map<string, Exchange[]>()

  /** Records an exchange when it is complete. */
  follow(request: IncomingMessage, response: ServerResponse, body: string): void {
    response.once('finish', () => {
      const url = new URL(request.url ?? '/', 'http://loopback')
      const state = url.searchParams.get('state')
      const exchanges = state === null ? this.#filed.get(url.pathname.split('/').at(-1) ?? '') : this.#begin(state)
      if (exchanges === undefined) return
      exchanges.push({
        from: 'browser',
        to: 'authorization server',
        request: requestOf(request, body),
        response: responseOf(response),
      })
      const next = response.getHeader('location')
      if (typeof next === 'string') {
        const id = new URL(next, url).pathname.split('/').at(-1)
        if (id) this.#filed.set(id, exchanges)
      }
    })
  }

  /** The exchanges of an authorization request, in order. */
  of(state: string): readonly Exchange[] {
    return this.#filed.get(state) ?? []
  }

  #begin(state: string): Exchange[] {
    const exchanges: Exchange[] = []
    this.#filed.set(state, exchanges)
    const [oldest] = this.#filed.keys()
    if (this.#filed.size > MAX_TRAILS && oldest !== undefined) this.#filed.delete(oldest)
    return exchanges
  }
}

/** Hides cookie values, which scripts of the page must not see. */
const withoutCookies = ([name, value]: readonly [string, string]): readonly [string, string] =>
  /^(?:set-)?cookie$/i.test(name) ? [name, value.replace(/=[^;]*/g, (text) => hidden(text))] : [name, value]

const hidden = (text: string): string => (text.length > 12 ? '=…' : text)

export function requestOf(request: IncomingMessage, body: string): Message {
  return {
    start: `${request.method} ${request.url} HTTP/${request.httpVersion}`,
    headers: inPairs(request.rawHeaders).map(withoutCookies),
    body,
    ...(request.headers.cookie !== undefined && { omitted: 'values of cookies' }),
  }
}

/** What a browser, or another server, gets. */
export function responseOf(response: ServerResponse): Message {
  const headers = Object.entries(response.getHeaders()).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((line): [string, string] => [name, String(line)]),
  )
  const page = /html/.test(String(response.getHeader('content-type')))
  return {
    start: `HTTP/1.1 ${response.statusCode} ${response.statusMessage}`,
    headers: headers.map(withoutCookies),
    body: '',
    omitted: page && response.statusCode === 200 ? 'the page that you saw' : 'the body, which browsers do not display',
  }
}
