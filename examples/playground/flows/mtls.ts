import { X509Certificate } from 'node:crypto'
import { claimsOf } from '../../demo/jwt-parts.ts'
import { RESOURCE } from '../../demo/orders.ts'
import { certificateHolder } from '../client/certificate-holder.ts'
import { thumbprintOf } from '../client/tls.ts'
import { DEPOT } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { detailsOf, storeTokens, theft } from './tokens.ts'

export const mtls: Flow = {
  id: 'mtls',
  title: 'Certificate-bound tokens',
  who: 'Servers that have certificates anyway',
  summary: 'The token is bound to the client certificate. The TLS connection itself is the proof.',
  decidedBy: 'RFC 8705',
  begin(stage, journal) {
    const { depot, thief } = stage.certificates
    const client = stage.client(DEPOT, depot)
    const impostor = stage.client(DEPOT, thief)
    const parameters = { scope: 'read:orders write:orders', resource: RESOURCE }
    let seen = false
    let token: string | undefined
    return {
      steps: () => [
        {
          id: 'certificate',
          title: 'The depot has a certificate',
          text: 'The depot is a server with a self-signed certificate, with which it is registered (RFC 8705 §2.2). A page cannot choose its browser’s certificate, so the playground’s server plays the depot and has the key.',
          controls: [button('certificate', 'Show the certificate', seen ? 'plain' : 'main')],
        },
        {
          id: 'token',
          title: 'The depot asks for a token, over TLS',
          text: 'In the handshake, before any HTTP, the depot presents its certificate and proves possession of the key. That authenticates it, so the request contains no secret. The authorization server has a separate endpoint for this (RFC 8705 §5), and puts the thumbprint into the token.',
          controls: [
            button('token', 'Ask for a token', token ? 'plain' : 'main'),
            button('impostor', 'Ask as the depot, with another certificate', 'attack'),
          ],
        },
      ],
      actions: {
        async certificate() {
          seen = true
          const { subject, validTo } = new X509Certificate(depot.cert)
          journal.add('certificate', {
            outcome: 'note',
            title: 'A self-signed certificate',
            text: 'No authority needs to sign it: it only has to be the registered one. It is new at each start of the playground, and exists only in memory.',
            details: [
              { name: 'subject', value: subject, meaning: 'a name, for humans' },
              { name: 'valid until', value: validTo, meaning: 'may matter to the TLS server, but not to the token' },
              {
                name: 'x5t#S256',
                value: thumbprintOf(depot.der),
                meaning:
                  'its thumbprint: the SHA-256 of all its bytes. You will see it again in the token (RFC 8705 §3.1)',
              },
            ],
          })
        },
        async token() {
          const response = await client.clientCredentials(parameters)
          if (!response.ok) throw new Error(response.error)
          storeTokens(journal, response.result)
          token = response.result.access_token
          const { cnf } = claimsOf(token) as { cnf?: Readonly<Record<string, string>> }
          const bound = cnf?.['x5t#S256']
          const same = bound === response.exchange.tls?.client?.thumbprint
          journal.add('token', {
            outcome: same ? 'good' : 'refused',
            title: same ? 'A token bound to the certificate' : 'A token bound to something else',
            text: same
              ? 'The token’s `cnf` has the thumbprint of the connection’s certificate. The request contained no secret and no proof, only the client ID.'
              : 'This should not happen.',
            details: [
              {
                name: 'cnf x5t#S256',
                value: bound ?? 'none',
                meaning: 'in the token: the thumbprint of its certificate (RFC 8705 §3.1)',
              },
              {
                name: 'client certificate',
                value: response.exchange.tls?.client?.thumbprint ?? 'none',
                meaning: 'of the connection of the token request',
              },
              ...detailsOf(response.result, OVER_TLS),
            ],
            exchanges: [response.exchange],
          })
        },
        async impostor() {
          const entry = theft(
            'impostor',
            await impostor.clientCredentials(parameters),
            'Neither the depot’s client ID nor its certificate is secret, but its key is. Without the key, a handshake with that certificate fails, and with another certificate the client is not the depot (RFC 8705 §2.2).',
          )
          journal.add('token', entry)
        },
      },
      possession: certificateHolder(stage.certificates),
    }
  },
}

const OVER_TLS =
  'how to use it: in the Authorization header as Bearer. Its bearer alone cannot use it: the API checks the connection (RFC 8705 §3)'
