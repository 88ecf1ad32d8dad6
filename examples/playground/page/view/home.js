import { el } from '../dom.js'

const WAY = [
  ['browser', 'You', 'sit at a browser and own some data: your orders.'],
  ['client', 'The client', 'is an app that would like to see them. It never learns your password.'],
  ['server', 'The authorization server', 'asks you, and gives the client a token: what it may do, and for how long.'],
  ['api', 'The API', 'holds the orders. It looks at the token, and opens the route or says why not.'],
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
          'Go through each flow of OAuth 2 one step at a time, against a real authorization server. You see every request as it goes over the wire. In the end you hold a token, and try what an API makes of it.',
        ),
        el('a', { class: 'button', href: `#${first.id}` }, `Start with the first: ${first.title.toLowerCase()}`),
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
