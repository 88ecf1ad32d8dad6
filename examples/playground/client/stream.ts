import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Exchange } from '../exchange.ts'
import { inPairs } from './wire.ts'

/** An open response of the API. */
export interface Stream {
  readonly status: number
  readonly isOpen: boolean
  /** Resolves when the API has ended it. */
  readonly ended: Promise<void>
  /** What went over the connection so far; of the events only the newest. */
  exchange(): Exchange
  close(): void
}

const MAX_EVENTS = 3

/** Opens a stream of server-sent events with a token. */
export async function openStream(url: string, token: string): Promise<Stream> {
  const target = new URL(url)
  const headers = [
    ['Host', target.host],
    ['Accept', 'text/event-stream'],
    ['Authorization', `Bearer ${token}`],
  ] as const
  const outgoing = request(target, { headers: headers.flat(), agent: false })
  outgoing.end()
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  outgoing.on('error', () => undefined) // the API has closed the connection
  let events: string[] = []
  let rest = ''
  response.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n\n')
    rest = parts.pop() ?? ''
    events = [...events, ...parts].slice(-MAX_EVENTS)
  })
  let isOpen = true
  const ended = new Promise<void>((resolve) => {
    response.once('close', () => {
      isOpen = false
      resolve()
    })
  })
  const { statusCode: status = 0, statusMessage, httpVersion, rawHeaders } = response
  return {
    status,
    get isOpen() {
      return isOpen
    },
    ended,
    exchange: () => ({
      from: 'client',
      to: 'API',
      request: { start: `GET ${target.pathname} HTTP/1.1`, headers, body: '' },
      response: {
        start: `HTTP/${httpVersion} ${status} ${statusMessage}`,
        headers: inPairs(rawHeaders),
        body: events.join('\n\n'),
        omitted: 'earlier events',
      },
    }),
    close: () => outgoing.destroy(),
  }
}
