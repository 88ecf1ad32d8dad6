import { X509Certificate } from 'node:crypto'
import { claimsOf } from '../../demo/jwt-parts.ts'
import { RESOURCE } from '../../demo/orders.ts'
import { certificateHolder } from '../client/certificate-holder.ts'
import { thumbprintOf } from '../client/tls.ts'
import { DEPOT } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { factsOf, keepAll, theft } from './tokens.ts'

export const mtls: Flow = {
  id: 'mtls',
  title: 'Certificate-bound tokens',
  who: 'Servers that have certificates anyway',
  summary: 'The token is bound to the certificate of the client. The TLS connection itself is the proof.',
  decidedBy: 'RFC 8705',
  begin(stage, journal) {
    const { depot, thief } = stage.certificates
    const client = stage.client(DEPOT, depot)
    const impostor = stage.client(DEPOT, thief)
    const wishes = { scope: 'read:orders write:orders', resource: RESOURCE }
    let seen = false
    let token: string | undefined
    return {
      steps: () => [
        {
          id: 'certificate',
          title: 'Look at the certificate',
          text: 'The depot is a server. It has signed a certificate for its own key, and is registered with it (RFC 8705 §2.2). A page cannot choose which certificate its browser presents, so the server of this playground plays the depot and holds the key.',
          controls: [button('certificate', 'Show the certificate', seen ? 'plain' : 'main')],
        },
        {
          id: 'token',
          title: 'Ask for a token over TLS',
          text: 'In the handshake the depot presents its certificate and proves that it has the key, before a word of HTTP is said. That says who it is, so the request holds no secret. The authorization server has an address of its own for this (RFC 8705 §5), and writes the thumbprint into the token.',
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
            title: 'A certificate that nobody vouches for',
            text: 'It need not be signed by anybody else: what counts is that it is the registered one. It is new with each start of the playground, and is nowhere but in its memory.',
            facts: [
              { name: 'subject', value: subject, meaning: 'a name, for people' },
              { name: 'valid until', value: validTo, meaning: 'whoever ends TLS may care; the token does not' },
              {
                name: 'x5t#S256',
                value: thumbprintOf(depot.der),
                meaning:
                  'its thumbprint: the SHA-256 of all its bytes. You will meet it again in the token (RFC 8705 §3.1)',
              },
            ],
          })
        },
        async token() {
          const said = await client.clientCredentials(wishes)
          if (!said.ok) throw new Error(said.error)
          keepAll(journal, said.result)
          token = said.result.access_token
          const { cnf } = claimsOf(token) as { cnf?: Readonly<Record<string, string>> }
          const bound = cnf?.['x5t#S256']
          const same = bound === said.exchange.tls?.client?.thumbprint
          journal.add('token', {
            outcome: same ? 'good' : 'refused',
            title: same ? 'A token bound to the certificate' : 'A token bound to something else',
            text: same
              ? 'The `cnf` of the token and the certificate of the connection have the same thumbprint. There was no secret and no proof in the request, only a name.'
              : 'This should not happen.',
            facts: [
              {
                name: 'cnf x5t#S256',
                value: bound ?? 'none',
                meaning: 'in the token: the thumbprint of the certificate it counts with (RFC 8705 §3.1)',
              },
              {
                name: 'client certificate',
                value: said.exchange.tls?.client?.thumbprint ?? 'none',
                meaning: 'of the connection over which it was asked for',
              },
              ...factsOf(said.result, OVER_TLS),
            ],
            exchanges: [said.exchange],
          })
        },
        async impostor() {
          const entry = theft(
            'impostor',
            await impostor.clientCredentials(wishes),
            'The name of the depot is no secret, its certificate neither. The key is, and without it a handshake with that certificate fails; with another one, this client is not the depot (RFC 8705 §2.2).',
          )
          journal.add('token', entry)
        },
      },
      possession: certificateHolder(stage.certificates),
    }
  },
}

const OVER_TLS =
  'how to present it: in the Authorization field as ever. That it says Bearer does not mean that whoever bears it may use it: the API looks at the connection (RFC 8705 §3)'
