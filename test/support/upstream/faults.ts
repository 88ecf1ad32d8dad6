import type { ServerResponse } from 'node:http'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { TestIssuer } from '../issuer/issuer.ts'
import { UNUSABLE_MEMBERS } from './key-set-members.ts'

/** A wrong response of an authorization server. */
export interface WrongResponse {
  /** Its code in events. */
  readonly code: string
  readonly respond: TestIssuer['onKeys']
  /** The seconds of `Retry-After`. */
  readonly retryAfter?: number
}

type HeaderValues = Record<string, string>

const JSON_TYPE = { 'content-type': 'application/json' }
const MIB = 2 ** 20

const sends =
  (body: string | Buffer, headers: HeaderValues = JSON_TYPE, status = 200): WrongResponse['respond'] =>
  (_request, response) => {
    response.writeHead(status, headers).end(body)
  }

const status = (code: number, headers: HeaderValues = {}): WrongResponse => ({
  code: 'status',
  respond: sends('{}', { ...JSON_TYPE, ...headers }, code),
  ...(/^\d+$/.test(headers['retry-after'] ?? '') && { retryAfter: Number(headers['retry-after']) }),
})

/** Sends `chunk` endlessly, as fast as the client reads. */
function endless(response: ServerResponse, chunk: Buffer): void {
  const more = () => {
    while (response.write(chunk)) if (response.destroyed) return
  }
  response.on('drain', more).writeHead(200, JSON_TYPE)
  more()
}

/** Sends `chunk` slowly and endlessly: each step is short, but the response never ends. */
function drip(response: ServerResponse, chunk: string): void {
  const timer = setInterval(() => response.write(chunk), 20)
  response.on('close', () => clearInterval(timer))
}

const SPACES = Buffer.alloc(64 * MIB, ' ')
const gzipBomb = gzipSync(SPACES, { level: 1 })
const brotliBomb = brotliCompressSync(SPACES, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })

const redirect = (code: number): WrongResponse => ({
  code: 'redirect',
  respond: (_request, response) => response.writeHead(code, { location: '/elsewhere', ...JSON_TYPE }).end('{}'),
})

/** Responses that are wrong for both metadata and a key set. */
export const WRONG_RESPONSES: Readonly<Record<string, WrongResponse>> = {
  'hangs before it responds': { code: 'timeout', respond: () => undefined },
  'hangs after the header': {
    code: 'timeout',
    respond: (_request, response) => response.writeHead(200, JSON_TYPE).flushHeaders(),
  },
  'hangs in the middle of the body': {
    code: 'timeout',
    respond: (_request, response) => response.writeHead(200, JSON_TYPE).write('{"keys":['),
  },
  'drips its body': {
    code: 'timeout',
    respond: (_request, response) => drip(response.writeHead(200, JSON_TYPE), ' '),
  },
  'drips its header': {
    code: 'timeout',
    respond: (request, response) => {
      request.socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => request.socket.write('x-more: 1\r\n'), 20)
      response.on('close', () => clearInterval(timer))
    },
  },
  'responds 500': status(500),
  'responds 502': status(502),
  'responds 503': status(503),
  'responds 503 with Retry-After in seconds': status(503, { 'retry-after': '7' }),
  'responds 429 with Retry-After in seconds': status(429, { 'retry-after': '9' }),
  'responds 429 with Retry-After as a date': {
    code: 'status',
    retryAfter: 9,
    respond: (request, response) =>
      sends('{}', { 'retry-after': new Date(Date.now() + 10_000).toUTCString() }, 429)(request, response),
  },
  'responds 503 with a Retry-After that is neither': status(503, { 'retry-after': 'soon' }),
  'responds 404': status(404),
  'responds 401': status(401, { 'www-authenticate': 'Basic realm="x"' }),
  'responds 201': status(201),
  'responds 204': { code: 'status', respond: (_request, response) => response.writeHead(204).end() },
  'responds 206': status(206),
  'sends without end': {
    code: 'too_large',
    respond: (_request, response) => endless(response, SPACES.subarray(0, MIB)),
  },
  'sends 64 MiB as 60 KiB of gzip': {
    code: 'too_large',
    respond: sends(gzipBomb, { ...JSON_TYPE, 'content-encoding': 'gzip' }),
  },
  'sends 64 MiB as a few bytes of brotli': {
    code: 'too_large',
    respond: sends(brotliBomb, { ...JSON_TYPE, 'content-encoding': 'br' }),
  },
  'says gzip and sends something else': {
    code: 'network',
    respond: sends('{"keys":[]}', { ...JSON_TYPE, 'content-encoding': 'gzip' }),
  },
  'sends HTML': { code: 'content_type', respond: sends('<html>', { 'content-type': 'text/html' }) },
  'sends text that is not a key set': { code: 'content_type', respond: sends('{}', { 'content-type': 'text/plain' }) },
  'sends JSON without a type': { code: 'content_type', respond: sends('{}', {}) },
  'sends nothing': { code: 'json', respond: sends('') },
  'sends broken JSON': { code: 'json', respond: sends('{"keys": [}') },
  'sends truncated JSON': { code: 'json', respond: sends('{"keys": [{"kty": "EC", "x": "') },
  'sends JSON that is not UTF-8': { code: 'json', respond: sends(Buffer.from('{"a":"\xff"}', 'latin1')) },
  'sends UTF-16': { code: 'json', respond: sends(Buffer.from('{"keys":[]}', 'utf16le')) },
  'sends an array': { code: 'shape', respond: sends('[]') },
  'sends null': { code: 'shape', respond: sends('null') },
  'sends a string': { code: 'shape', respond: sends('"keys"') },
  'redirects with 301': redirect(301),
  'redirects with 302': redirect(302),
  'redirects with 303': redirect(303),
  'redirects with 307': redirect(307),
  'redirects with 308': redirect(308),
  'responds 304': { code: 'redirect', respond: (_request, response) => response.writeHead(304).end() },
  'resets before it responds': { code: 'network', respond: (request) => request.socket.resetAndDestroy() },
  'resets in the middle of the body': {
    code: 'network',
    respond: (request, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' }).write('{"keys":[')
      setTimeout(() => request.socket.resetAndDestroy(), 20)
    },
  },
  'ends before its Content-Length': {
    code: 'network',
    respond: (request, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' }).write('{"keys":[]}')
      setTimeout(() => request.socket.end(), 20)
    },
  },
  'speaks another protocol': { code: 'network', respond: (request) => request.socket.end('SSH-2.0-x\r\n\r\n') },
}

const set = (members: readonly unknown[]) => sends(JSON.stringify({ keys: members }))

/** Responses that are JSON, but not a usable key set. */
export const BAD_KEY_SETS: Readonly<Record<string, WrongResponse>> = {
  'an empty object': { code: 'shape', respond: sends('{}') },
  'keys that are not a list': { code: 'shape', respond: sends('{"keys":{"0":{}}}') },
  'keys that are null': { code: 'shape', respond: sends('{"keys":null}') },
  'an empty set': { code: 'no_usable_keys', respond: set([]) },
  'only unusable keys': { code: 'no_usable_keys', respond: set(Object.values(UNUSABLE_MEMBERS).slice(0, 90)) },
  '101 members': { code: 'too_large', respond: set(Array.from({ length: 101 }, () => null)) },
}

const metadata = (document: object) => sends(JSON.stringify(document))

/** What of these has another code where metadata is expected, which its content decides (K13). */
const BY_CONTENT: Readonly<Record<string, string>> = {
  'sends HTML': 'json',
  'sends text that is not a key set': 'issuer_mismatch',
  'sends JSON without a type': 'issuer_mismatch',
}

/** Responses that are not the metadata of the issuer. */
export const badMetadata = (issuer: string): Readonly<Record<string, WrongResponse>> => ({
  ...Object.fromEntries(
    Object.entries(BY_CONTENT).map(([what, code]) => [what, { ...(WRONG_RESPONSES[what] as WrongResponse), code }]),
  ),
  'an empty object': { code: 'issuer_mismatch', respond: sends('{}') },
  'another issuer': {
    code: 'issuer_mismatch',
    respond: metadata({ issuer: `${issuer}/`, jwks_uri: `${issuer}/jwks` }),
  },
  'no jwks_uri': { code: 'shape', respond: metadata({ issuer }) },
  'a relative jwks_uri': { code: 'shape', respond: metadata({ issuer, jwks_uri: '/jwks' }) },
  'a jwks_uri in plain http elsewhere': {
    code: 'insecure_url',
    respond: metadata({ issuer, jwks_uri: 'http://keys.invalid/jwks' }),
  },
})
