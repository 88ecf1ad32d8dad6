import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { createIssuer, introspect } from './issuer.mjs'

/**
 * An issuer on loopback: metadata, key set and introspection, at the URLs that the peers expect.
 *
 * @param {import('./issuer.mjs').Algorithm} algorithm
 */
export async function serveIssuer(algorithm) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`
  const issuer = createIssuer(algorithm, url)
  const jwksUrl = `${url}/.well-known/jwks.json`
  const introspectionUrl = `${url}/introspect`
  const metadata = {
    issuer: url,
    jwks_uri: jwksUrl,
    introspection_endpoint: introspectionUrl,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
    id_token_signing_alg_values_supported: [algorithm],
  }
  server.on('request', async (request, response) => {
    const body = await text(request)
    const handler = {
      '/.well-known/jwks.json': () => issuer.jwks,
      '/introspect': () => introspect(new URLSearchParams(body).get('token'), url),
    }[request.url ?? '']
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(handler ? handler() : metadata))
  })
  return { issuer, jwksUrl, introspectionUrl, close: () => server.close().closeAllConnections() }
}
