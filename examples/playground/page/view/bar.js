import { el } from '../dom.js'

/**
 * The bar at the lower edge: what comes next, while that is out of sight, and on small screens the way to the inspector.
 */
export class Bar {
  element = el('div', { class: 'bar' })
  #next = el('button', { type: 'button', class: 'next', hidden: true, onclick: () => this.#go() })
  #target
  #observer = new IntersectionObserver(([{ isIntersecting }]) => {
    this.#next.hidden = isIntersecting
  })

  constructor(inspector) {
    this.element.append(this.#next, inspector.toggle)
  }

  /** @param {{ title: string, control: Element } | undefined} next the next step, and what to press there */
  offer(next) {
    this.#observer.disconnect()
    this.#next.hidden = true
    this.#target = next?.control
    if (next === undefined) return
    this.#next.textContent = `Next: ${next.title}`
    this.#observer.observe(next.control)
  }

  #go() {
    this.#target?.closest('.step')?.scrollIntoView()
    this.#target?.focus({ preventScroll: true })
  }
}
