import type { Configuration } from 'oidc-provider'
import { html, page } from './html.ts'

type DeviceFlow = NonNullable<NonNullable<Configuration['features']>['deviceFlow']>

// The provider's own forms have inline handlers, which the Content-Security-Policy of these pages forbids.
const secretIn = (form: string): string => /name="xsrf" value="([^"]*)"/.exec(form)?.[1] ?? ''

/** The page to enter the device's code (RFC 8628 §3.3). */
export const codeEntered: NonNullable<DeviceFlow['userCodeInputSource']> = (context, form, _out, error) => {
  context.type = 'html'
  context.body = page(
    'Connect a device',
    html`${error ? html`<p class="wrong" role="alert">That code is unknown, used or expired.</p>` : ''}
<form method="post" action="/device">
<input type="hidden" name="xsrf" value="${secretIn(form)}">
<label for="user-code">The code that the device shows</label>
<input id="user-code" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" required>
<div class="choices"><button>Continue</button></div>
</form>`,
  )
}

/** Displays the code and the device name again: the code may come from an attacker (RFC 8628 §5.4). */
export const codeToConfirm: NonNullable<DeviceFlow['userCodeConfirmSource']> = (
  context,
  form,
  client,
  _device,
  code,
) => {
  context.type = 'html'
  context.body = page(
    'Is this your device?',
    html`<p><strong>${client.clientName ?? client.clientId}</strong> is in front of you and displays this code:</p>
<p class="user-code">${code}</p>
<form method="post" action="/device">
<input type="hidden" name="xsrf" value="${secretIn(form)}">
<input type="hidden" name="user_code" value="${code}">
<input type="hidden" name="confirm" value="yes">
<div class="choices"><button>Yes, it is mine</button>
<button name="abort" value="yes" class="quiet">No, stop</button></div>
</form>`,
  )
}

export const deviceDone: NonNullable<DeviceFlow['successSource']> = (context) => {
  context.type = 'html'
  context.body = page(
    'Connected',
    html`<p>The device gets its token with its next request. You can close this page.</p>`,
  )
}
