import { STATUS_CODES } from 'node:http'
import { html, type Markup } from '../../playground/people/html.ts'
import type { Call, CallResult } from '../calls.ts'
import { type Explanation, PROBLEMS, type ProblemName } from '../problems.ts'
import type { User } from '../provider.ts'
import { layout } from './layout.ts'

export const welcome = (provider: string): string =>
  layout({
    title: 'See your orders',
    content: html`<p>This application shows your orders, which three APIs store. It needs your consent to read them.</p>
<p>You sign in at <strong>${provider}</strong>, never here: this application does not see your password. It gets a token that permits only what you allow, and you can end that at any time.</p>
<p class="actions"><a class="button" href="/sign-in">Sign in at ${provider}</a></p>`,
  })

interface Dashboard {
  readonly user: User
  readonly results: readonly CallResult[]
  readonly writes: readonly Call[]
  /** What came of the last button. */
  readonly latest?: CallResult
}

export const dashboard = ({ user, results, writes, latest }: Dashboard): string =>
  layout({
    title: latest === undefined ? 'Your orders' : latest.call.label,
    user: user.name,
    content: html`${latest === undefined ? '' : html`<ul class="cards">${[card(latest)]}</ul><p><a href="/">Back to your orders</a></p>`}
${
  results.length === 0
    ? ''
    : html`<p>Each card is one request to an API, sent with your access token. They were sent at the same time.</p>
<ul class="cards">${results.map(card)}</ul>`
}
${
  writes.length === 0
    ? ''
    : html`<div class="actions">${writes.map(
        ({ label }, index) =>
          html`<form method="post" action="/calls/${String(index)}"><button>${label}</button></form>`,
      )}</div>`
}
<div class="actions">
<form method="post" action="/sign-out"><button class="quiet">Sign out</button></form>
<form method="post" action="/sign-out-everywhere"><button class="quiet">Sign out in all browsers</button></form>
</div>`,
  })

function card(result: CallResult): Markup {
  const { call, status, body } = result
  const outcome = status >= 200 && status < 300 ? 'good' : 'bad'
  const text = status === 0 ? 'no response' : `${status} ${STATUS_CODES[status] ?? ''}`
  return html`<li class="card ${outcome}"><h2>${call.label}</h2>
<p class="status">${call.method} ${call.url.pathname}: <b>${text}</b></p>
${inWords(result)}
${body === '' ? '' : html`<pre>${body}</pre>`}</li>`
}

function inWords({ status, missing }: CallResult): Markup | string {
  if (missing !== undefined) {
    return html`<p>You have not allowed <code>${missing}</code>. To allow it, <a href="/sign-in">sign in again</a>.</p>`
  }
  if (status === 0 || status === 503)
    return html`<p>The API cannot respond now. Nothing is wrong with your sign-in: try again in a minute.</p>`
  if (status >= 500) return html`<p>This is an error of the API. Try again later.</p>`
  return ''
}

const OFFERS: Readonly<Record<Explanation['offer'], Markup>> = {
  'sign in': html`<a class="button" href="/sign-in">Sign in</a> <a class="button quiet" href="/">First page</a>`,
  home: html`<a class="button" href="/">First page</a>`,
  retry: html`<a class="button" href="/">Try again</a>`,
}

/** Says what happened and what to do. */
export function problemPage(name: ProblemName): string {
  const { title, happened, advice, offer } = PROBLEMS[name]
  return layout({
    title,
    content: html`<div class="notice"><p>${happened}</p><h2>What to do</h2><p>${advice}</p><p class="actions">${OFFERS[offer]}</p></div>`,
  })
}

/** @param complete false if the provider could not be told */
export const signedOut = (complete: boolean): string =>
  layout({
    title: 'You are signed out',
    content: html`<p>${
      complete
        ? 'Our copy of your tokens is deleted, and the authorization server issues no new ones for it.'
        : 'Our copy of your tokens is deleted. The authorization server could not be reached, so it accepts the tokens until they expire. To end them now, end the session of this application there.'
    }</p><p class="actions"><a class="button" href="/sign-in">Sign in again</a></p>`,
  })
