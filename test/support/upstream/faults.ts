import type { ServerResponse } from 'node:http'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { TestIssuer } from '../issuer/issuer.ts'
import { UNUSABLE_MEMBERS } from './key-set-members.ts'

/** A wrong response of an authorization server. */
export interface BadAnswer {
  /** Its code in events. */
  readonly code: string
  readonly answer: TestIssuer['onKeys']
  /** The seconds of `Retry-After`. */
  readonly retryAfter?: number
}

type HeaderValues = Record<string, string>

const JSON_TYPE = { 'content-type': 'application/json' }
const MIB = 2 ** 20

const sends =
  (body: string | Buffer, headers: HeaderValues = JSON_TYPE, status = 200): BadAnswer['answer'] =>
  (_request, response) => {
    response.writeHead(status, headers).end(body)
  }

const status = (code: number, headers: HeaderValues = {}): BadAnswer => ({
  code: 'status',
  answer: sends('{}', { ...JSON_TYPE, ...headers }, code),
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

const redirect = (code: number): BadAnswer => ({
  code: 'redirect',
  answer: (_request, response) => response.writeHead(code, { location: '/elsewhere', ...JSON_TYPE }).end('{}'),
})

/** Responses that are wrong for both metadata and a key set. */
export const BAD_ANSWERS: Readonly<Record<string, BadAnswer>> = {
  'hangs before it answers': { code: 'timeout', answer: () => undefined },
  'hangs after the header': {
    code: 'timeout',
    answer: (_request, response) => response.writeHead(200, JSON_TYPE).flushHeaders(),
  },
  'hangs in the middle of the body': {
    code: 'timeout',
    answer: (_request, response) => response.writeHead(200, JSON_TYPE).write('{"keys":['),
  },
  'drips its body': {
    code: 'timeout',
    answer: (_request, response) => drip(response.writeHead(200, JSON_TYPE), ' '),
  },
  'drips its header': {
    code: 'timeout',
    answer: (request, response) => {
      request.socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => request.socket.write('x-more: 1\r\n'), 20)
      response.on('close', () => clearInterval(timer))
    },
  },
  'answers 500': status(500),
  'answers 502': status(502),
  'answers 503': status(503),
  'answers 503 with Retry-After in seconds': status(503, { 'retry-after': '7' }),
  'answers 429 with Retry-After in seconds': status(429, { 'retry-after': '9' }),
  'answers 429 with Retry-After as a date': {
    code: 'status',
    retryAfter: 9,
    answer: (request, response) =>
      sends('{}', { 'retry-after': new Date(Date.now() + 10_000).toUTCString() }, 429)(request, response),
  },
  'answers 503 with a Retry-After that is neither': status(503, { 'retry-after': 'soon' }),
  'answers 404': status(404),
  'answers 401': status(401, { 'www-authenticate': 'Basic realm="x"' }),
  'answers 201': status(201),
  'answers 204': { code: 'status', answer: (_request, response) => response.writeHead(204).end() },
  'answers 206': status(206),
  'sends without end': {
    code: 'too_large',
    answer: (_request, response) => endless(response, SPACES.subarray(0, MIB)),
  },
  'sends 64 MiB as 60 KiB of gzip': {
    code: 'too_large',
    answer: sends(gzipBomb, { ...JSON_TYPE, 'content-encoding': 'gzip' }),
  },
  'sends 64 MiB as a few bytes of brotli': {
    code: 'too_large',
    answer: sends(brotliBomb, { ...JSON_TYPE, 'content-encoding': 'br' }),
  },
  'says gzip and sends something else': {
    code: 'network',
    answer: sends('{"keys":[]}', { ...JSON_TYPE, 'content-encoding': 'gzip' }),
  },
  'sends HTML': { code: 'content_type', answer: sends('<html>', { 'content-type': 'text/html' }) },
  'sends text that is JSON': { code: 'content_type', answer: sends('{}', { 'content-type': 'text/plain' }) },
  'sends JSON without a type': { code: 'content_type', answer: sends('{}', {}) },
  'sends nothing': { code: 'json', answer: sends('') },
  'sends broken JSON': { code: 'json', answer: sends('{"keys": [}') },
  'sends truncated JSON': { code: 'json', answer: sends('{"keys": [{"kty": "EC", "x": "') },
  'sends JSON that is not UTF-8': { code: 'json', answer: sends(Buffer.from('{"a":"\xff"}', 'latin1')) },
  'sends UTF-16': { code: 'json', answer: sends(Buffer.from('{"keys":[]}', 'utf16le')) },
  'sends an array': { code: 'shape', answer: sends('[]') },
  'sends null': { code: 'shape', answer: sends('null') },
  'sends a string': { code: 'shape', answer: sends('"keys"') },
  'redirects with 301': redirect(301),
  'redirects with 302': redirect(302),
  'redirects with 303': redirect(303),
  'redirects with 307': redirect(307),
  'redirects with 308': redirect(308),
  'answers 304': { code: 'redirect', answer: (_request, response) => response.writeHead(304).end() },
  'resets before it answers': { code: 'network', answer: (request) => request.socket.resetAndDestroy() },
  'resets in the middle of the body': {
    code: 'network',
    answer: (request, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' }).write('{"keys":[')
      setTimeout(() => request.socket.resetAndDestroy(), 20)
    },
  },
  'ends before the length it announced': {
    code: 'network',
    answer: (request, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' }).write('{"keys":[]}')
      setTimeout(() => request.socket.end(), 20)
    },
  },
  'speaks another protocol': { code: 'network', answer: (request) => request.socket.end('SSH-2.0-x\r\n\r\n') },
}

const set = (members: readonly unknown[]) => sends(JSON.stringify({ keys: members }))

/** Responses that are JSON, but not a usable key set. */
export const BAD_KEY_SETS: Readonly<Record<string, BadAnswer>> = {
  'an empty object': { code: 'shape', answer: sends('{}') },
  'keys that are no list': { code: 'shape', answer: sends('{"keys":{"0":{}}}') },
  'keys that are null': { code: 'shape', answer: sends('{"keys":null}') },
  'an empty set': { code: 'no_usable_keys', answer: set([]) },
  'only unusable keys': { code: 'no_usable_keys', answer: set(Object.values(UNUSABLE_MEMBERS).slice(0, 90)) },
  '101 members': { code: 'too_large', answer: set(Array.from({ length: 101 }, () => null)) },
}

const metadata = (document: object) => sends(JSON.stringify(document))

/** Responses that are JSON, but not the metadata of the issuer. */
export const badMetadata = (issuer: string): Readonly<Record<string, BadAnswer>> => ({
  'an empty object': { code: 'issuer_mismatch', answer: sends('{}') },
  'another issuer': {
    code: 'issuer_mismatch',
    answer: metadata({ issuer: `${issuer}/`, jwks_uri: `${issuer}/jwks` }),
  },
  'no jwks_uri': { code: 'shape', answer: metadata({ issuer }) },
  'a relative jwks_uri': { code: 'shape', answer: metadata({ issuer, jwks_uri: '/jwks' }) },
  'a jwks_uri in plain http elsewhere': {
    code: 'insecure_url',
    answer: metadata({ issuer, jwks_uri: 'http://keys.invalid/jwks' }),
  },
})
