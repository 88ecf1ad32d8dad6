import { el } from '../dom.js'

// The last choice, so that a new token does not reset it.
let chosen = {}

/** The form of the last step. `send` receives the choice. */
export function consoleForm({ console: choices, tokens }, send) {
  const isJwt = (id) => tokens.find((token) => token.id === id)?.value.split('.').length === 3
  const form = el(
    'form',
    { class: 'console', 'aria-label': 'A request to the API', onsubmit: submit, onchange: narrow },
    group(
      'framework',
      'Served by',
      choices.frameworks.map((name) => [name, name]),
    ),
    group(
      'route',
      'Request',
      choices.routes.map(({ id, method, path, needs }) => [id, `${method} ${path}`, needs]),
    ),
    group('token', 'Token', [...tokens.toReversed().map(({ id, label }) => [id, label]), ['none', 'no token']]),
    group(
      'place',
      'Token in',
      choices.places.map(({ id, label }) => [id, label]),
    ),
    group(
      'variant',
      'Sent',
      choices.variants.map(({ id, label }) => [id, label]),
    ),
    choices.possession &&
      group(
        'attempt',
        choices.possession.legend,
        choices.possession.attempts.map(({ id, label }) => [id, label]),
      ),
    el('div', { class: 'send' }, el('button', {}, 'Send the request')),
  )
  narrow()
  return form

  function submit(event) {
    event.preventDefault()
    chosen = Object.fromEntries(new FormData(form))
    send({ variant: 'whole', place: 'header', ...chosen })
  }

  /** Disables what does not apply to the token. */
  function narrow() {
    const token = new FormData(form).get('token')
    form.querySelector('[data-name="place"]').disabled = token === 'none'
    form.querySelector('[data-name="variant"]').disabled = token === 'none'
    for (const { id, of } of choices.variants) {
      const radio = form.querySelector(`[name="variant"][value="${id}"]`)
      radio.disabled = of === 'jwt' && !isJwt(token)
      if (radio.disabled && radio.checked) form.querySelector('[name="variant"][value="whole"]').checked = true
    }
  }
}

function group(name, legend, options) {
  const isOffered = options.some(([value]) => value === chosen[name])
  return el(
    'fieldset',
    { 'data-name': name },
    el('legend', {}, legend),
    ...options.map(([value, label, note], index) =>
      el(
        'label',
        {},
        el('input', { type: 'radio', name, value, checked: isOffered ? chosen[name] === value : index === 0 }),
        el('span', {}, label, note !== undefined && el('small', {}, note)),
      ),
    ),
  )
}
