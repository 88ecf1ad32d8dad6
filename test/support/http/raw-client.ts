import { connect, type Socket } from 'node:net'
import type { Connect } from '../tls/tls.ts'

/** A response as it came over the wire: header lines in order, including duplicates. */
export interface RawResponse {
  readonly status: number
  readonly lines: readonly (readonly [name: string, value: string])[]
  /** The body, without chunk framing. */
  readonly body: string
  /** All values of a header, one element per line. */
  all(name: string): readonly string[]
  /** The value of a header that must not occur twice. */
  header(name: string): string | undefined
}

export interface RawRequest {
  readonly method?: string
  readonly target?: string
  /** Whole header lines; `Host` and `Connection: close` are added. */
  readonly lines?: readonly string[]
  readonly body?: string
}

/** The exact bytes of a request; characters are bytes. */
export function bytesOf(request: RawRequest, connection: 'close' | 'keep-alive' = 'close'): string {
  const { method = 'GET', target = '/orders', lines = [], body } = request
  const length = body === undefined ? [] : [`Content-Length: ${body.length}`]
  const head = [
    `${method} ${target} HTTP/1.1`,
    'Host: api.example.com',
    `Connection: ${connection}`,
    ...lines,
    ...length,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body ?? ''}`
}

export const bearer = (token: string): readonly string[] => [`Authorization: Bearer ${token}`]

const plainly: Connect = (port, connected) => connect({ port, host: '127.0.0.1' }, connected)

/** Sends bytes over a new socket and reads until the server closes it. */
export function exchange(port: number, request: RawRequest | string, open = plainly): Promise<RawResponse> {
  const bytes = Buffer.from(typeof request === 'string' ? request : bytesOf(request), 'latin1')
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = open(port, () => socket.write(bytes))
    socket.on('data', (chunk) => chunks.push(chunk))
    // A server that refuses the bytes may reset the connection after its response.
    const finish = (error?: Error) => {
      const text = Buffer.concat(chunks).toString('latin1')
      if (text.includes('\r\n\r\n')) resolve(parse(text))
      else reject(error ?? new Error(`no response, only ${JSON.stringify(text)}`))
    }
    socket.on('error', finish)
    socket.on('close', () => finish())
  })
}

/** A client that sends sequential requests over one connection per port. */
export interface PersistentConnections {
  exchange(port: number, request: RawRequest): Promise<RawResponse>
  close(): void
}

/** For many requests that can share a connection. */
export function persistentConnections(open = plainly): PersistentConnections {
  const sockets = new Map<number, Promise<Socket>>()
  const connected = (port: number) =>
    new Promise<Socket>((resolve, reject) => {
      const socket = open(port, () => resolve(socket))
      socket.once('error', reject)
      socket.once('close', () => sockets.delete(port))
    })
  return {
    async exchange(port, request) {
      const existing = sockets.get(port) ?? connected(port)
      sockets.set(port, existing)
      const socket = await existing
      const text = await new Promise<string>((resolve, reject) => {
        let received = ''
        const read = (chunk: Buffer) => {
          received += chunk.toString('latin1')
          try {
            if (isComplete(received)) settle(() => resolve(received))
          } catch (thrown) {
            settle(() => reject(thrown))
          }
        }
        const onClose = () => settle(() => reject(new Error(`closed after ${JSON.stringify(received)}`)))
        const settle = (done: () => void) => {
          socket.off('data', read)
          socket.off('close', onClose)
          done()
        }
        socket.on('data', read)
        socket.on('close', onClose)
        socket.write(Buffer.from(bytesOf(request, 'keep-alive'), 'latin1'))
      })
      return parse(text)
    },
    close() {
      for (const socket of sockets.values()) void socket.then((open) => open.destroy())
    },
  }
}

/** RFC 9112 §6.3: a body ends after its last chunk, or after Content-Length bytes. */
function isComplete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return false
  const head = text.slice(0, end)
  if (/^transfer-encoding: *chunked$/im.test(head)) return readChunks(text.slice(end + 4)).complete
  const length = /^content-length: *(\d+)$/im.exec(head)?.[1]
  if (length === undefined) throw new Error(`neither Content-Length nor chunks: ${head}`)
  return text.length >= end + 4 + Number(length)
}

function parse(text: string): RawResponse {
  const end = text.indexOf('\r\n\r\n')
  const [start = '', ...rest] = text.slice(0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})(?: |$)/.exec(start)?.[1])
  if (Number.isNaN(status)) throw new Error(`not a status line: ${JSON.stringify(start)}`)
  const lines = rest.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
  })
  const all = (name: string) =>
    lines.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
  const chunked = all('transfer-encoding').includes('chunked')
  const raw = text.slice(end + 4)
  const body = chunked ? readChunks(raw).body : raw
  return {
    status,
    lines,
    body: Buffer.from(body, 'latin1').toString('utf8'),
    all,
    header(name) {
      const values = all(name)
      if (values.length > 1) throw new Error(`${name} was sent ${values.length} times`)
      return values[0]
    },
  }
}

/** RFC 9112 §7.1: the content of the chunks received so far, and whether the last one is complete. */
function readChunks(raw: string): { readonly body: string; readonly complete: boolean } {
  let body = ''
  let at = 0
  for (;;) {
    const end = raw.indexOf('\r\n', at)
    const length = end === -1 ? Number.NaN : Number.parseInt(raw.slice(at, end), 16)
    if (Number.isNaN(length)) return { body, complete: false }
    body += raw.slice(end + 2, end + 2 + length)
    at = end + 2 + length + 2
    if (length === 0) return { body, complete: raw.length >= at }
  }
}
