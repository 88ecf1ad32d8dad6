import { RESOURCE } from '../../demo/orders.ts'
import { SHOP_WINDOW } from '../clients.ts'
import { button, type Flow, link } from '../flow.ts'
import { factsOf, keepAll } from './tokens.ts'

interface Pending {
  readonly deviceCode: string
  readonly address: string
}

export const device: Flow = {
  id: 'device',
  title: 'Device authorization',
  who: 'A screen without a keyboard',
  summary: 'A device shows a code, a person types it in somewhere else, and the device asks until it may.',
  decidedBy: 'RFC 8628',
  begin(stage, journal) {
    const client = stage.client(SHOP_WINDOW)
    let pending: Pending | undefined
    let done = false
    return {
      steps: () => [
        {
          id: 'codes',
          title: 'Ask for two codes',
          text: 'The shop window can show something, and has no browser. It asks for a pair of codes: one for itself, one for you.',
          controls: [button('codes', 'Ask for the codes', pending ? 'plain' : 'main')],
        },
        {
          id: 'wait',
          title: 'Ask for the token, again and again',
          text: 'The device does not know when you are ready, so it asks every few seconds (RFC 8628 §3.4). Ask now, before you have agreed, and once more afterwards.',
          controls: pending && !done ? [button('ask', 'Ask for the token')] : [],
        },
        {
          id: 'approve',
          title: 'Agree on another device',
          text: 'This opens in a new tab, as if it were your phone. Type the code in there, and see that the page names the device: somebody could have given you a code of theirs (RFC 8628 §5.4). Then come back here and ask again.',
          controls: pending && !done ? [link(pending.address, 'Open the page for codes', 'main', true)] : [],
        },
      ],
      actions: {
        async codes() {
          const said = await client.deviceAuthorization({ scope: 'read:orders', resource: RESOURCE })
          if (!said.ok) throw new Error(said.error)
          const { device_code, user_code, verification_uri, expires_in, interval } = said.result
          pending = { deviceCode: device_code, address: verification_uri }
          done = false
          journal.add('codes', {
            outcome: 'good',
            title: `The device shows ${user_code}`,
            text: 'And the address to type it in. It keeps the other code to itself.',
            facts: [
              { name: 'user_code', value: user_code, meaning: 'short, to be typed by a person (RFC 8628 §6.1)' },
              { name: 'verification_uri', value: verification_uri, meaning: 'where to type it in' },
              {
                name: 'device_code',
                value: device_code,
                meaning: 'long, and shown to nobody: with it the device asks for the token',
              },
              { name: 'expires_in', value: String(expires_in), meaning: 'seconds you have for it' },
              {
                name: 'interval',
                value: String(interval ?? 5),
                meaning: 'seconds between two questions, five if nothing is said (RFC 8628 §3.2)',
              },
            ],
            exchanges: [said.exchange],
          })
        },
        async ask() {
          if (pending === undefined) return
          const said = await client.deviceToken(pending.deviceCode)
          if (said.ok) keepAll(journal, said.result)
          done = said.ok || said.error !== 'authorization_pending'
          journal.add('wait', {
            outcome: said.ok ? 'good' : said.error === 'authorization_pending' ? 'note' : 'refused',
            title: said.ok ? 'Tokens' : `Not yet: ${said.error}`,
            text: said.ok
              ? 'You have agreed, so the device gets its token at the next question.'
              : (IN_WORDS[said.error] ?? said.description),
            facts: said.ok ? factsOf(said.result) : [],
            exchanges: [said.exchange],
          })
        },
      },
    }
  },
}

const IN_WORDS: Readonly<Record<string, string>> = {
  authorization_pending:
    'Nobody has typed in the code and agreed yet. It is an error by its form only: the device goes on asking (RFC 8628 §3.5).',
  access_denied: 'You have refused. The device stops asking (RFC 8628 §3.5).',
  expired_token: 'The codes are too old. The device asks for new ones (RFC 8628 §3.5).',
}
