/** What we use of `node:net`, which only runs where there are sockets. */
interface Net {
  connect(port: number, host: string): RawSocket
}

interface RawSocket {
  on(event: 'data', listener: (chunk: Uint8Array) => void): RawSocket
  on(event: 'close' | 'error', listener: (error?: unknown) => void): RawSocket
  write(text: string): unknown
}

/** A response as it came over the wire. */
export interface RawResponse {
  readonly status: number
  /** The values of a header, one element per line. */
  all(name: string): readonly string[]
  readonly body: string
}

/** Sends header lines exactly as given, which `fetch` cannot: it joins repeated ones. */
export function sendRaw(port: number, method: string, target: string, lines: readonly string[]): Promise<RawResponse> {
  const net = (globalThis as unknown as { process: { getBuiltinModule(name: string): Net } }).process.getBuiltinModule(
    'node:net',
  )
  return new Promise((resolve, reject) => {
    const decoder = new TextDecoder('latin1')
    let text = ''
    const socket = net.connect(port, '127.0.0.1')
    socket.on('data', (chunk) => {
      text += decoder.decode(chunk)
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(parse(text)))
    socket.write([`${method} ${target} HTTP/1.1`, 'Host: api.test', 'Connection: close', ...lines, '', ''].join('\r\n'))
  })
}

function parse(text: string): RawResponse {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  const all = (name: string) => headers.flatMap(([key, value]) => (key === name.toLowerCase() ? [value] : []))
  const rest = text.slice(end + 4)
  return {
    status: Number(first.split(' ')[1]),
    all,
    body: all('transfer-encoding').length > 0 ? unchunked(rest) : rest,
  }
}

/** RFC 9112 §7.1. */
function unchunked(text: string): string {
  const end = text.indexOf('\r\n')
  const size = Number.parseInt(text.slice(0, end), 16)
  if (!size) return ''
  return text.slice(end + 2, end + 2 + size) + unchunked(text.slice(end + 2 + size + 2))
}
