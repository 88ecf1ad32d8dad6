import { createServer } from 'node:http'
import { createResourceServer } from 'bearward'
import { BAD_TOKENS, createTestIssuer, expectChallenge } from 'bearward/testing'

const issuer = await createTestIssuer()
const server = createResourceServer(issuer.options)
const { subject } = await server.verify(await issuer.jwt({ sub: 'alice' }))
if (subject !== 'alice') throw new Error(`subject is ${subject}`)

for (const name of Object.keys(BAD_TOKENS)) {
  const request = { native: {}, method: 'GET', target: '/', authorization: [`Bearer ${await issuer.bad(name)}`] }
  const error = await Promise.resolve()
    .then(() => server.authenticate({ ...request, contentType: undefined }))
    .then(
      () => undefined,
      (thrown) => thrown,
    )
  expectChallenge(error.toResponse(), { error: 'invalid_token', reason: BAD_TOKENS[name] })
}

const listening = await createTestIssuer({ server: createServer() })
const real = createResourceServer({ ...listening.introspectingOptions, fetch: globalThis.fetch })
await real.verify(listening.opaque())
await listening.stop()

console.log('all as expected')
