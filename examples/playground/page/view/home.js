import { el } from '../dom.js'

const WAY = [
  ['browser', 'You', 'use a browser and own some data: your orders.'],
  ['client', 'The client', 'is an app that wants to see them. It never sees your password.'],
  [
    'server',
    'The authorization server',
    'asks you, and issues a token to the client: what it may do, and for how long.',
  ],
  ['api', 'The API', 'stores the orders. It checks the token, and grants access or explains why not.'],
]

/** The first screen. */
export function home(flows) {
  const [first] = flows
  return el(
    'div',
    {},
    el(
      'div',
      { class: 'hero' },
      el(
        'div',
        {},
        el('h1', {}, 'Where access tokens come from, what they open, and why some are refused'),
        el(
          'p',
          {},
          'Walk through each OAuth 2 flow step by step, against a real authorization server. You see every request on the wire. At the end you have a token, and try it at an API.',
        ),
        el('a', { class: 'button', href: `#${first.id}` }, `Start with the first: ${first.title}`),
      ),
      el(
        'ol',
        { class: 'way', 'aria-label': 'Who takes part' },
        ...WAY.map(([who, name, text]) => el('li', { class: who }, el('b', {}, name), ` ${text}`)),
      ),
    ),
    el('h2', { class: 'choose' }, 'Or choose who needs a token'),
    el(
      'ul',
      { class: 'cards' },
      ...flows.map(({ id, title, who, summary, decidedBy }) =>
        el(
          'li',
          {},
          el(
            'a',
            { href: `#${id}` },
            el('p', { class: 'who' }, who),
            el('h3', {}, title),
            el('p', {}, summary),
            el('p', { class: 'rfc' }, decidedBy),
          ),
        ),
      ),
    ),
  )
}
