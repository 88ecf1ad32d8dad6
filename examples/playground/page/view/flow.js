import { el, rich } from '../dom.js'
import { act, present, restart, runOf } from '../server.js'
import { Bar } from './bar.js'
import { consoleForm } from './console.js'
import { entry } from './entry.js'

/** A flow with its steps. Entries stay visible; responses of the server only add to them. */
export class FlowView {
  #main
  #flow
  #around
  #steps = new Map()
  #bar
  #busy = false

  constructor(main, flow, around) {
    this.#main = main
    this.#flow = flow
    this.#around = around
    this.#bar = new Bar(around.inspector)
  }

  async open() {
    const view = await runOf(this.#flow.id)
    this.#build(view)
    // Back from the authorization server: show the newest entry.
    const newest = this.#newestOf(view)
    if (newest === undefined) return
    this.#foldAway()
    document.querySelector(`#entry-${newest.id} .result`).open = true
    if (newest.step !== 'api') this.#reveal(newest, { focus: false })
  }

  #build(view) {
    const { title, who, summary, decidedBy } = this.#flow
    const { next } = this.#around
    const steps = el('ol', { class: 'steps' })
    this.#steps = new Map(
      view.steps.map((step) => {
        const controls = el('div', { class: 'controls' })
        const text = el('p', {}, rich(step.text))
        const entries = el('div')
        const item = el('li', { class: 'step' }, el('h2', {}, step.title), text, controls, entries)
        steps.append(item)
        return [step.id, { item, text, controls, entries, count: 0, state: '' }]
      }),
    )
    this.#main.replaceChildren(
      el('a', { class: 'back', href: '#all' }, '← All flows'),
      el(
        'div',
        { class: 'intro' },
        el('p', { class: 'who' }, who),
        el('h1', {}, title),
        el('p', {}, summary),
        el(
          'p',
          { class: 'more' },
          el('span', {}, rich(decidedBy)),
          el('button', { class: 'restart', type: 'button', onclick: () => this.#restart() }, 'Start over'),
        ),
      ),
      steps,
      next
        ? el('p', { class: 'following' }, 'Next: ', el('a', { href: `#${next.id}` }, next.title))
        : el('p', { class: 'following' }, el('a', { href: '#all' }, 'All flows')),
      this.#bar.element,
    )
    this.#update(view)
  }

  #update(view) {
    if (view.steps.some(({ id, entries }) => entries.length > this.#steps.get(id).count)) this.#foldAway()
    for (const step of view.steps) {
      const place = this.#steps.get(step.id)
      const state = JSON.stringify([
        step.text,
        step.controls,
        step.id === 'api' && [view.console, view.tokens.map(({ id, value }) => [id, value])],
      ])
      if (state !== place.state) {
        place.state = state
        place.text.replaceChildren(rich(step.text))
        place.controls.replaceChildren(...this.#controls(step, view))
      }
      place.item.classList.toggle('done', step.entries.length > 0)
      const fresh = step.entries.slice(place.count)
      // The last step is used many times, so its newest entry is next to the button.
      if (step.id === 'api') place.entries.prepend(...fresh.map(entry).reverse())
      else place.entries.append(...fresh.map(entry))
      place.count = step.entries.length
    }
    this.#around.inspector.offer(view.tokens)
    this.#bar.offer(this.#following(view))
  }

  /** The first step without a result that has something to press. */
  #following(view) {
    for (const { id, title, entries } of view.steps) {
      const place = this.#steps.get(id)
      const control = place.controls.querySelector('.send button, button.main, a.main')
      if (entries.length === 0 && control !== null) return { title, control }
    }
    return undefined
  }

  #controls(step, view) {
    if (step.id === 'api') {
      return [consoleForm(view, (choice) => this.#do(() => present(this.#flow.id, choice)))]
    }
    return step.controls.map((control) =>
      control.kind === 'link'
        ? el(
            'a',
            {
              class: `button ${control.tone}`,
              href: control.href,
              target: control.newTab ? '_blank' : undefined,
              rel: control.newTab ? 'noopener' : undefined,
            },
            control.label,
          )
        : el(
            'button',
            { class: control.tone, type: 'button', onclick: () => this.#do(() => act(this.#flow.id, control.action)) },
            control.label,
          ),
    )
  }

  async #do(request) {
    if (this.#busy) return
    this.#busy = true
    this.#around.say('Sending …')
    try {
      const before = [...this.#steps.values()].reduce((sum, { count }) => sum + count, 0)
      const view = await request()
      this.#update(view)
      const newest = this.#newestOf(view)
      if (newest !== undefined && newest.id > before) {
        this.#reveal(newest, { focus: true })
        this.#around.say(`${newest.title}. ${newest.text.replaceAll('`', '')}`)
      }
    } catch (problem) {
      this.#around.say(problem.message)
      this.#main.prepend(el('p', { role: 'alert' }, problem.message))
    } finally {
      this.#busy = false
    }
  }

  /** Closes earlier results and exchanges, so that the page stays short. */
  #foldAway() {
    for (const earlier of this.#main.querySelectorAll('.wire[open], .result[open]')) earlier.open = false
  }

  async #restart() {
    this.#build(await restart(this.#flow.id))
    this.#around.say('Started over.')
    this.#main.focus()
  }

  #newestOf(view) {
    const all = view.steps.flatMap(({ entries }) => entries)
    return all.reduce((newest, one) => (newest === undefined || one.id > newest.id ? one : newest), undefined)
  }

  #reveal({ id, step }, { focus }) {
    const element = document.querySelector(`#entry-${id}`)
    const { controls } = this.#steps.get(step)
    const stuck = getComputedStyle(controls).position === 'sticky'
    // Below the console, which stays at the upper edge where there is room.
    if (stuck) element.style.scrollMarginTop = `${controls.offsetHeight}px`
    element.scrollIntoView({ block: step === 'api' ? 'start' : 'nearest' })
    if (focus) element?.querySelector('h3')?.focus({ preventScroll: true })
  }
}
