import { html, markup, page } from './html.ts'

interface Context {
  type: string
  body: unknown
}

/** The authorization server asks before it signs a user out: another site could have sent the browser here. */
export function signOutPage(context: Context, form: string): void {
  context.type = 'html'
  context.body = page(
    'Sign out',
    html`<p>Alice, do you want to sign out here? Every application that you have signed in to with this account will be told.</p>
${markup(form)}
<p class="choices"><button form="op.logoutForm" name="logout" value="yes">Sign out everywhere</button></p>`,
  )
}
