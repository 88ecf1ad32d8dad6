import type { Configuration } from 'oidc-provider'
import { html, page } from './html.ts'

/** For errors that must not be redirected, because the client is not verified (RFC 6749 §4.1.2.1). */
export const errorPage: NonNullable<Configuration['renderError']> = (context, out) => {
  context.type = 'html'
  context.body = page(
    'That did not work',
    html`<p><code>${out.error}</code> ${out.error_description ?? ''}</p>
<p>Close this page, and begin again in the playground.</p>`,
  )
}
