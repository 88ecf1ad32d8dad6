import { el, rich } from '../dom.js'
import { decide } from './decision.js'
import { findings } from './findings.js'
import { parse } from './parse.js'

const PARTS = ['Header', 'Claims', 'Signature']

/** Milliseconds between updates of the times. */
const UPDATE = 15_000

/** The token inspector. It works in the page only: a pasted token is never sent. */
export class Inspector {
  #settings
  #tokens = []
  #held = el('div', { class: 'held', role: 'group', 'aria-label': 'Tokens of this flow' })
  #text = el('textarea', {
    id: 'inspected',
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'off',
    placeholder: 'eyJhbGciOi…',
    oninput: () => this.#inspect(),
  })
  #result = el('div', { class: 'result' })
  #turn = 0
  #place
  /** Opens the inspector where it has no room beside the flow. */
  toggle = el(
    'button',
    {
      type: 'button',
      class: 'toggle quiet',
      'aria-expanded': 'false',
      'aria-controls': 'inspector',
      onclick: () => this.#show(true),
    },
    'Inspector',
  )

  constructor(place, settings) {
    this.#settings = settings
    this.#place = place
    place.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.#show(false)
    })
    place.replaceChildren(
      el('h2', { id: 'inspector-title', tabindex: '-1' }, 'Token inspector'),
      el('button', { type: 'button', class: 'close quiet', onclick: () => this.#show(false) }, 'Back to the flow'),
      el(
        'p',
        {},
        'The contents of a token, and how the orders API would decide. The page reads it itself and sends nothing.',
      ),
      this.#held,
      el('label', { for: 'inspected' }, 'A token of this flow, or paste your own'),
      this.#text,
      this.#result,
    )
    setInterval(() => this.#inspect(), UPDATE)
    this.#inspect()
  }

  close() {
    this.#show(false)
  }

  #show(open) {
    const wasOpen = this.#place.classList.contains('open')
    this.#place.classList.toggle('open', open)
    this.toggle.setAttribute('aria-expanded', String(open))
    if (open) this.#place.querySelector('h2').focus()
    else if (wasOpen) this.toggle.focus()
  }

  /** Shows the tokens of the open flow. A new token is inspected at once. */
  offer(tokens) {
    this.toggle.textContent = tokens.length > 0 ? `Inspector (${tokens.length})` : 'Inspector'
    const previous = this.#tokens.map(({ value }) => value)
    const fresh = tokens.findLast(({ value }) => !previous.includes(value))
    this.#tokens = tokens
    if (fresh !== undefined) this.#text.value = fresh.value
    else if (tokens.length === 0 && previous.includes(this.#text.value)) this.#text.value = ''
    this.#inspect()
  }

  async #inspect() {
    this.#turn += 1
    const turn = this.#turn
    const text = this.#text.value
    const now = Date.now() / 1000
    const parsed = parse(text)
    const found = parsed.form === 'jwt' ? await findings(parsed, { ...this.#settings, now }) : []
    if (turn !== this.#turn) return // superseded
    this.#held.replaceChildren(
      ...this.#tokens.toReversed().map(({ label, value }) =>
        el(
          'button',
          {
            type: 'button',
            'aria-pressed': String(value === text),
            onclick: () => {
              this.#text.value = value
              this.#inspect()
            },
          },
          label,
        ),
      ),
    )
    this.#result.replaceChildren(...(parsed.form === 'jwt' ? explain(parsed, found) : [inWords(parsed)]))
  }
}

const box = (outcome, title, lines) =>
  el(
    'div',
    { class: `decision ${outcome}` },
    el('b', {}, title),
    lines.length > 0 && el('ul', {}, ...lines.map((line) => el('li', {}, rich(line)))),
  )

function explain({ claims }, found) {
  const { outcome, title, lines } = decide(found, claims)
  return [
    box(outcome, title, lines),
    ...PARTS.map((part) =>
      el(
        'section',
        { class: 'part' },
        el('h3', {}, part),
        el('ul', {}, ...found.filter((one) => one.part === part).map(row)),
      ),
    ),
  ]
}

const SPOKEN = { good: 'passed: ', refused: 'failed: ', note: '' }

const row = ({ name, value, outcome, text }) =>
  el(
    'li',
    { class: outcome },
    el('b', { class: 'unseen' }, SPOKEN[outcome]),
    el('code', {}, name),
    ' ',
    value !== undefined && el('code', { class: 'value' }, typeof value === 'string' ? value : JSON.stringify(value)),
    el('span', {}, rich(text)),
  )

function inWords({ form, problem }) {
  if (form === 'empty') return box('note', 'No token yet', ['Get one in a flow, or paste one in.'])
  if (form === 'too large') return box('refused', 'Too large for the API: 401 invalid_token', ['The limit is 8 KiB.'])
  if (form === 'broken') return box('refused', 'The API would refuse it: 401 invalid_token', [problem])
  return box('note', 'An opaque token: only its issuer can interpret it', [
    'The API introspects it at the authorization server (RFC 7662 §2).',
    'If it is not active there, the API refuses it: 401 invalid_token.',
  ])
}
