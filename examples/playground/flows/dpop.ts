import { RESOURCE } from '../../demo/orders.ts'
import { Prover, proofInWords } from '../client/prover.ts'
import { COURIER } from '../clients.ts'
import { button, type Flow } from '../flow.ts'
import { factsOf, keepAll } from './tokens.ts'

export const dpop: Flow = {
  id: 'dpop',
  title: 'DPoP-bound tokens',
  who: 'Tokens that are of no use to a thief',
  summary: 'The token is bound to a key that never leaves the client. Each request proves that the sender has it.',
  decidedBy: 'RFC 9449',
  begin(stage, journal) {
    const client = stage.client(COURIER)
    let prover: Prover | undefined
    let token: string | undefined
    return {
      steps: () => [
        {
          id: 'key',
          title: 'Make a key',
          text: 'The courier makes a pair of keys. The private one stays where it is, and cannot be read even by the courier itself.',
          controls: [button('key', 'Make a pair of keys', prover ? 'plain' : 'main')],
        },
        {
          id: 'token',
          title: 'Ask for a token, with a proof',
          text: 'The request carries a proof in the `DPoP` field: a small JWT about this one request, signed with the private key, with the public key in it. The authorization server writes the thumbprint of that key into the token (RFC 9449 §5).',
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
            text: 'Its thumbprint is a hash of the public key (RFC 7638). You will meet it again in the token.',
            facts: [{ name: 'jkt', value: await prover.handle.calculateThumbprint(), meaning: 'the thumbprint' }],
          })
        },
        async token() {
          if (prover === undefined) return
          const said = await client.clientCredentials({
            scope: 'read:orders write:orders',
            resource: RESOURCE,
            DPoP: prover.handle,
          })
          if (!said.ok) throw new Error(said.error)
          keepAll(journal, said.result)
          token = said.result.access_token
          const proof = said.exchange.request.fields.find(([name]) => name.toLowerCase() === 'dpop')?.[1] ?? ''
          journal.add('token', {
            outcome: 'good',
            title: 'A token bound to the key',
            text: '`token_type` is DPoP. Look into the token: its `cnf` holds the thumbprint. Here is the proof that went along, member by member.',
            facts: [...proofInWords(proof), ...factsOf(said.result, WITH_PROOF)],
            exchanges: [said.exchange],
          })
        },
      },
      get possession() {
        return prover
      },
    }
  },
}

const WITH_PROOF = 'how to present it: with a proof of the key it is bound to, in each request (RFC 9449 §5)'
