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

const MAP = 'https://github.com/bearward/bearward/blob/main/docs/oauth.md'

const PICTURE =
  'You want to see your orders. The client sends your browser to the authorization server, where you sign in and consent. Your browser brings a code back. The client exchanges code, verifier and secret for an access token and a refresh token, and calls the API with the access token. Later it gets a new pair with the refresh token.'

const QUESTIONS = [
  ['Why PKCE?', 'Others may see the code on its way. Only the client has the verifier that goes with it.'],
  ['Why no token in an address?', 'Addresses end up in histories and logs, and anyone who has a token can use it.'],
  [
    'What is a refresh token for?',
    'Access tokens live only for minutes, so that a stolen one is soon worthless. The refresh token gets new ones, and goes only to the authorization server.',
  ],
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
    el(
      'details',
      { class: 'map' },
      el('summary', {}, 'New to OAuth? All of it in one picture'),
      el('img', { src: '/oauth.svg', width: '860', height: '760', loading: 'lazy', alt: PICTURE }),
      el('ul', {}, ...QUESTIONS.map(([question, reply]) => el('li', {}, el('b', {}, question), ' ', reply))),
      el(
        'p',
        {},
        'Every flow, every token and a glossary are in ',
        el('a', { href: MAP, target: '_blank', rel: 'noreferrer' }, 'OAuth 2 on one page'),
        ' (docs/oauth.md in the repository).',
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
