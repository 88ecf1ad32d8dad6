import { el, rich } from '../dom.js'
import { findings } from './findings.js'
import { parse } from './parse.js'
import { verdict } from './verdict.js'

const PARTS = ['Header', 'Claims', 'Signature']

/** How often the times are told anew, in milliseconds. */
const TELL = 15_000

/** The token inspector. All of it happens in the page: what is pasted goes nowhere. */
export class Inspector {
  #facts
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

  constructor(place, facts) {
    this.#facts = facts
    place.replaceChildren(
      el('h2', { id: 'inspector-title', tabindex: '-1' }, 'Token inspector'),
      el(
        'p',
        {},
        'What a token says, and what the orders API would make of it. It is read in this page; nothing is sent.',
      ),
      this.#held,
      el('label', { for: 'inspected' }, 'A token, or one of your own pasted in'),
      this.#text,
      this.#result,
    )
    setInterval(() => this.#inspect(), TELL)
    this.#inspect()
  }

  /** The tokens of the flow that is open. A new one is shown at once. */
  offer(tokens) {
    const known = this.#tokens.map(({ value }) => value)
    const fresh = tokens.findLast(({ value }) => !known.includes(value))
    this.#tokens = tokens
    if (fresh !== undefined) this.#text.value = fresh.value
    else if (tokens.length === 0 && known.includes(this.#text.value)) this.#text.value = ''
    this.#inspect()
  }

  async #inspect() {
    this.#turn += 1
    const turn = this.#turn
    const text = this.#text.value
    const now = Date.now() / 1000
    const parsed = parse(text)
    const found = parsed.form === 'jwt' ? await findings(parsed, { ...this.#facts, now }) : []
    if (turn !== this.#turn) return // something newer is to be shown
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
    this.#result.replaceChildren(...(parsed.form === 'jwt' ? explained(parsed, found) : [inWords(parsed)]))
  }
}

const box = (outcome, title, lines) =>
  el(
    'div',
    { class: `verdict ${outcome}` },
    el('b', {}, title),
    lines.length > 0 && el('ul', {}, ...lines.map((line) => el('li', {}, rich(line)))),
  )

function explained({ claims }, found) {
  const { outcome, title, lines } = verdict(found, claims)
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

const SPOKEN = { good: 'met: ', refused: 'not met: ', note: '' }

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
  if (form === 'too large')
    return box('refused', 'Larger than the API reads: 401 invalid_token', ['The limit is 8 KiB.'])
  if (form === 'broken') return box('refused', 'The API would refuse it: 401 invalid_token', [problem])
  return box('note', 'An opaque token: it says nothing by itself', [
    'Only the authorization server knows what it stands for. The API asks there (RFC 7662 §2).',
    'If nobody answers for it, it is refused: 401 invalid_token.',
  ])
}
