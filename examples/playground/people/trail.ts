import type { IncomingMessage, ServerResponse } from 'node:http'
import { inPairs } from '../client/wire.ts'
import type { Exchange, Message } from '../exchange.ts'

const KEPT = 50

/**
 * What browsers said to the authorization server, filed under the `state` their authorization request began with. From
 * there on each answer names the next address, which is how the rest is recognized.
 */
export class Trail {
  readonly #filed = new Map<string, Exchange[]>()

  /** Writes down an exchange once it is over. */
  follow(request: IncomingMessage, response: ServerResponse, body: string): void {
    response.once('finish', () => {
      const url = new URL(request.url ?? '/', 'http://loopback')
      const state = url.searchParams.get('state')
      const filed = state === null ? this.#filed.get(url.pathname.split('/').at(-1) ?? '') : this.#begin(state)
      if (filed === undefined) return
      filed.push({
        from: 'browser',
        to: 'authorization server',
        request: requestOf(request, body),
        answer: answerOf(response),
      })
      const next = response.getHeader('location')
      if (typeof next === 'string') {
        const id = new URL(next, url).pathname.split('/').at(-1)
        if (id) this.#filed.set(id, filed)
      }
    })
  }

  /** All that belongs to an authorization request, in order. */
  of(state: string): readonly Exchange[] {
    return this.#filed.get(state) ?? []
  }

  #begin(state: string): Exchange[] {
    const filed: Exchange[] = []
    this.#filed.set(state, filed)
    const [oldest] = this.#filed.keys()
    if (this.#filed.size > KEPT && oldest !== undefined) this.#filed.delete(oldest)
    return filed
  }
}

/** Values of cookies are for the browser alone, scripts of the page are not to see them. */
const withoutCookies = ([name, value]: readonly [string, string]): readonly [string, string] =>
  /^(?:set-)?cookie$/i.test(name) ? [name, value.replace(/=[^;]*/g, (text) => hidden(text))] : [name, value]

const hidden = (text: string): string => (text.length > 12 ? '=…' : text)

export function requestOf(request: IncomingMessage, body: string): Message {
  return {
    start: `${request.method} ${request.url} HTTP/${request.httpVersion}`,
    fields: inPairs(request.rawHeaders).map(withoutCookies),
    body,
    ...(request.headers.cookie !== undefined && { omitted: 'values of cookies' }),
  }
}

function answerOf(response: ServerResponse): Message {
  const fields = Object.entries(response.getHeaders()).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((line): [string, string] => [name, String(line)]),
  )
  const page = /html/.test(String(response.getHeader('content-type')))
  return {
    start: `HTTP/1.1 ${response.statusCode} ${response.statusMessage}`,
    fields: fields.map(withoutCookies),
    body: '',
    omitted: page && response.statusCode === 200 ? 'the page that you saw' : 'the body, which browsers do not show',
  }
}
