import { RESOURCE } from '../../demo/orders.ts'
import { Prover, proofInWords } from '../client/prover.ts'
import { COURIER } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { detailsOf, storeTokens } from './tokens.ts'

export const dpop: Flow = {
  id: 'dpop',
  title: 'DPoP-bound tokens',
  who: 'Tokens that are useless to a thief',
  summary: 'The token is bound to a key that never leaves the client. Each request proves possession of the key.',
  decidedBy: 'RFC 9449',
  begin(stage, journal) {
    const client = stage.client(COURIER)
    let prover: Prover | undefined
    let token: string | undefined
    return {
      steps: () => [
        {
          id: 'key',
          title: 'The courier makes a key',
          text: 'The courier creates a key pair. The private key is not extractable: even the courier cannot read it.',
          controls: [button('key', 'Make a pair of keys', prover ? 'plain' : 'main')],
        },
        {
          id: 'token',
          title: 'The courier asks for a token, with a proof',
          text: 'The request has a proof in the `DPoP` header: a small JWT about this one request, with the public key, signed with the private key. The authorization server puts the thumbprint of the key into the token (RFC 9449 §5).',
          controls: prover ? [button('token', 'Ask for a token', token ? 'plain' : 'main')] : [],
        },
      ],
      actions: {
        async key() {
          prover = await Prover.create()
          token = undefined
          journal.add('key', {
            outcome: 'good',
            title: 'A key for ES256',
            text: 'Its thumbprint is a hash of the public key (RFC 7638). You will see it again in the token.',
            details: [{ name: 'jkt', value: await prover.handle.calculateThumbprint(), meaning: 'the thumbprint' }],
          })
        },
        async token() {
          if (prover === undefined) return
          const response = await client.clientCredentials({
            scope: 'read:orders write:orders',
            resource: RESOURCE,
            DPoP: prover.handle,
          })
          if (!response.ok) throw new Error(response.error)
          storeTokens(journal, response.result)
          token = response.result.access_token
          const proof = response.exchange.request.headers.find(([name]) => name.toLowerCase() === 'dpop')?.[1] ?? ''
          journal.add('token', {
            outcome: 'good',
            title: 'A token bound to the key',
            text: '`token_type` is DPoP. See the token: its `cnf` contains the thumbprint. This is the proof of the request, member by member.',
            details: [...proofInWords(proof), ...detailsOf(response.result, WITH_PROOF)],
            exchanges: [response.exchange],
          })
        },
      },
      get possession() {
        return prover
      },
    }
  },
}

const WITH_PROOF = 'how to use it: with a proof of its key in each request (RFC 9449 §5)'
