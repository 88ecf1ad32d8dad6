import { RESOURCE } from '../../demo/orders.ts'
import { SHOP_WINDOW } from '../clients.ts'
import { button, type Flow, link } from '../flow.ts'
import { detailsOf, storeTokens } from './tokens.ts'

interface Pending {
  readonly deviceCode: string
  readonly address: string
}

export const device: Flow = {
  id: 'device',
  title: 'Device authorization',
  who: 'A screen without a keyboard',
  summary: 'A device displays a code, a user enters it elsewhere, and the device polls for its token.',
  decidedBy: 'RFC 8628',
  begin(stage, journal) {
    const client = stage.client(SHOP_WINDOW)
    let pending: Pending | undefined
    let done = false
    return {
      steps: () => [
        {
          id: 'codes',
          title: 'The device asks for two codes',
          text: 'The shop window has a display, but no browser. It requests two codes: one for itself, one for you.',
          controls: [button('codes', 'Ask for the codes', pending ? 'plain' : 'main')],
        },
        {
          id: 'approve',
          title: 'You enter the code on another device, and consent',
          text: 'This opens a new tab, which plays your phone. Enter the code there, and check the device that the page names: the code could come from an attacker (RFC 8628 §5.4). Then come back here.',
          controls: pending && !done ? [link(pending.address, 'Open the page for codes', 'main', true)] : [],
        },
        {
          id: 'wait',
          title: 'The device asks for its token, again and again',
          text: 'The device does not know when you are ready, so it polls every few seconds (RFC 8628 §3.4). Try it before you have consented, and again afterwards.',
          controls: pending && !done ? [button('ask', 'Ask for the token')] : [],
        },
      ],
      actions: {
        async codes() {
          const response = await client.deviceAuthorization({ scope: 'read:orders', resource: RESOURCE })
          if (!response.ok) throw new Error(response.error)
          const { device_code, user_code, verification_uri, expires_in, interval } = response.result
          pending = { deviceCode: device_code, address: verification_uri }
          done = false
          journal.add('codes', {
            outcome: 'good',
            title: `The device shows ${user_code}`,
            text: 'It also displays the address to enter it at. It does not display the other code.',
            details: [
              { name: 'user_code', value: user_code, meaning: 'short, for a user to type (RFC 8628 §6.1)' },
              { name: 'verification_uri', value: verification_uri, meaning: 'where to enter it' },
              {
                name: 'device_code',
                value: device_code,
                meaning: 'long, and secret: the device requests the token with it',
              },
              { name: 'expires_in', value: String(expires_in), meaning: 'seconds until the codes expire' },
              {
                name: 'interval',
                value: String(interval ?? 5),
                meaning: 'seconds between two polls; default 5 (RFC 8628 §3.2)',
              },
            ],
            exchanges: [response.exchange],
          })
        },
        async ask() {
          if (pending === undefined) return
          const response = await client.deviceToken(pending.deviceCode)
          if (response.ok) storeTokens(journal, response.result)
          done = response.ok || response.error !== 'authorization_pending'
          journal.add('wait', {
            outcome: response.ok ? 'good' : response.error === 'authorization_pending' ? 'note' : 'refused',
            title: response.ok ? 'Tokens' : `Not yet: ${response.error}`,
            text: response.ok
              ? 'You have consented, so the device gets its token with this poll.'
              : (IN_WORDS[response.error] ?? response.description),
            details: response.ok ? detailsOf(response.result) : [],
            exchanges: [response.exchange],
          })
        },
      },
    }
  },
}

const IN_WORDS: Readonly<Record<string, string>> = {
  authorization_pending:
    'The user has not entered the code and consented yet. This is an error only in form: the device continues to poll (RFC 8628 §3.5).',
  access_denied: 'You have denied access. The device stops polling (RFC 8628 §3.5).',
  expired_token: 'The codes have expired. The device requests new ones (RFC 8628 §3.5).',
}
