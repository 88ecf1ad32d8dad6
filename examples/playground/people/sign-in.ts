import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { html, type Markup, page } from './html.ts'

/** The only user. */
const PERSON = 'alice'

const IN_WORDS: Readonly<Record<string, string>> = {
  openid: 'know who you are',
  offline_access: 'stay signed in while you are away',
  'read:orders': 'see your orders',
  'write:orders': 'place orders for you',
}

/** A scope that the user may withhold. */
const OPTIONAL = 'write:orders'

/** RFC 6749 §4.1, steps A and B: the authorization server's own pages for sign-in and consent. */
export async function interactionPage(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params } = await provider.interactionDetails(request, response)
  const client = await provider.Client.find(String(params.client_id))
  const name = client?.clientName ?? String(params.client_id)
  const [title, content] = prompt.name === 'login' ? signIn(name) : consent(name, String(params.scope).split(' '))
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.setHeader('Cache-Control', 'no-store')
  response.end(page(title, content))
}

const signIn = (client: string): [string, Markup] => [
  'Sign in',
  html`<p><strong>${client}</strong> sent you here to sign in.</p>
<form method="post">
<p class="note">A real one would ask for a password or a passkey. This one knows only Alice.</p>
<div class="choices"><button name="choice" value="sign-in">Sign in as Alice</button>
<button name="choice" value="deny" class="quiet">No, go back</button></div>
</form>`,
]

const consent = (client: string, scopes: readonly string[]): [string, Markup] => [
  `${client} asks for your consent`,
  html`<p>Alice, may <strong>${client}</strong> do this?</p>
<form method="post">
<ul>${scopes.map((scope) => html`<li>${boxFor(scope)}</li>`)}</ul>
<div class="choices"><button name="choice" value="allow">Allow</button>
<button name="choice" value="deny" class="quiet">Deny</button></div>
</form>`,
]

const boxFor = (scope: string): Markup =>
  scope === OPTIONAL
    ? html`<label><input type="checkbox" name="scope" value="${scope}" checked> ${IN_WORDS[scope] ?? scope} <code>${scope}</code></label>`
    : html`<span class="granted">${IN_WORDS[scope] ?? scope} <code>${scope}</code></span>`

/** The user's choice. */
export async function decided(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  form: URLSearchParams,
): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response)
  if (form.get('choice') === 'deny') {
    const refusal = { error: 'access_denied', error_description: 'The user denied the request' }
    return provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false })
  }
  if (prompt.name === 'login') {
    const login = { login: { accountId: PERSON } }
    return provider.interactionFinished(request, response, login, { mergeWithLastSubmission: false })
  }
  const earlier = grantId === undefined ? undefined : await provider.Grant.find(grantId)
  await earlier?.destroy() // each consent is a new grant with the current choice
  const grant = new provider.Grant({ accountId: session?.accountId ?? PERSON, clientId: String(params.client_id) })
  const requested = String(params.scope).split(' ')
  const granted = requested.filter((scope) => scope !== OPTIONAL || form.getAll('scope').includes(scope))
  const withheld = requested.filter((scope) => !granted.includes(scope)).join(' ')
  const resource = params.resource === undefined ? undefined : String(params.resource)
  grant.addOIDCScope(granted.join(' '))
  if (withheld) grant.rejectOIDCScope(withheld)
  if (resource !== undefined) {
    grant.addResourceScope(resource, granted.join(' '))
    if (withheld) grant.rejectResourceScope(resource, withheld)
  }
  const consent = { consent: { grantId: await grant.save() } }
  await provider.interactionFinished(request, response, consent, { mergeWithLastSubmission: true })
}
