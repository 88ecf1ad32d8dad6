import { createResourceServer } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { createLog, send } from '../support/upstream/requests.ts'

// K13: what is a JWK Set is used, whatever its media type, and so is the metadata that names it.

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

/** The result of a request while the key set is sent with this body and this `Content-Type`. */
async function resultOf(body: string | undefined, type: string | undefined) {
  const set = JSON.stringify({ keys: [issuer.keys[0]?.jwk] })
  issuer.onKeys = (_request, response) =>
    response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(body ?? set)
  const log = createLog()
  const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url, onEvent: log.onEvent })
  const { status } = await send(server, await issuer.sign())
  const message = server.state().issuers[0]?.keys.lastError?.message
  return { status, event: log.of('fetch').find(({ target }) => target === 'keys'), message }
}

describe('a key set (K13)', () => {
  it.each<[string | undefined]>([
    ['text/plain'],
    ['application/octet-stream'],
    ['text/html; charset=utf-8'],
    ['binary'],
    [''],
    [undefined],
    ['application/json'],
    ['application/jwk-set+json'],
  ])('is used with the Content-Type %s', async (type) => {
    expect(await resultOf(undefined, type)).toMatchObject({
      status: 200,
      event: { outcome: 'ok', code: undefined, mediaType: undefined },
    })
  })

  it.each<[string, body: string, type: string | undefined, mediaType: string]>([
    ['an HTML page', '<!doctype html>', 'text/html; charset=utf-8', 'text/html'],
    ['an HTML page without a type', '<!doctype html>', undefined, 'invalid'],
    ['JSON that is not a set', '{}', 'Text/Plain', 'text/plain'],
    ['a list', '[]', 'text/plain', 'text/plain'],
    ['a set without a list', '{"keys":{}}', 'text/plain', 'text/plain'],
    ['a type of another syntax', 'x', 'text/<b> secret', 'invalid'],
    ['a type after something else', 'x', 'a b/c', 'invalid'],
    ['a type without end', 'x', `text/${'x'.repeat(65)}`, 'invalid'],
  ])('that is %s: 503, and the event names the media type', async (_, body, type, mediaType) => {
    expect(await resultOf(body, type)).toMatchObject({
      status: 503,
      event: { outcome: 'failed', code: 'content_type', status: 200, mediaType },
      message: expect.stringContaining('the response is not a key set, and its media type is not JSON'),
    })
  })

  it('that is broken JSON, and said to be JSON, is a fault without a media type', async () => {
    expect(await resultOf('{', 'application/json')).toMatchObject({
      status: 503,
      event: { code: 'json', mediaType: undefined },
    })
  })
})

describe('metadata (K13)', () => {
  const respond = (body: string, type: string | undefined) => {
    issuer.onMetadata = (_request, response) =>
      response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(body)
  }
  const resultOf = async () => {
    const log = createLog()
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url, onEvent: log.onEvent })
    const { status } = await send(server, await issuer.sign())
    return { status, codes: log.of('fetch').map(({ target, code }) => [target, code]) }
  }

  it.each<[string | undefined]>([
    ['text/plain'],
    ['application/octet-stream'],
    ['binary/octet-stream'],
    ['text/html; charset=utf-8'],
    [''],
    [undefined],
  ])('is used with the Content-Type %s, as static hosts send a file without an extension', async (type) => {
    respond(JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` }), type)
    expect(await resultOf()).toEqual({
      status: 200,
      codes: [
        ['discovery', undefined],
        ['keys', undefined],
      ],
    })
  })

  it.each<[string, body: string, code: string]>([
    ['a page', '<!doctype html>', 'json'],
    ['a list', '[]', 'shape'],
    [
      'that of another issuer',
      '{"issuer":"https://evil.example","jwks_uri":"https://evil.example/jwks"}',
      'issuer_mismatch',
    ],
  ])('that is %s: 503, whatever its media type', async (_, body, code) => {
    for (const type of ['text/html', 'application/json', undefined]) {
      respond(body, type)
      const { status, codes } = await resultOf()
      expect([status, codes[0]]).toEqual([503, ['discovery', code]])
    }
  })
})
