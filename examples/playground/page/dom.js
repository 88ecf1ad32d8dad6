/**
 * Creates an element. Strings become text nodes, never markup.
 *
 * @param {string} tag
 * @param {Record<string, string | boolean | undefined | ((event: Event) => void)>} attributes `on…` adds a listener
 * @param {...(Node | string | undefined | false)} children
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value === true) element.setAttribute(name, '')
    else if (typeof value === 'string') element.setAttribute(name, value)
  }
  element.append(...children.filter((child) => child !== undefined && child !== false))
  return element
}

const PIECES = /`([^`]+)`|RFC (\d+)(?: (?:§|appendix )([A-Z\d][\d.]*\d|[A-Z\d]))?/g

/** Text with `code`, and with sections of RFCs as links. */
export function rich(text) {
  const fragment = document.createDocumentFragment()
  let end = 0
  for (const piece of text.matchAll(PIECES)) {
    fragment.append(text.slice(end, piece.index))
    const [whole, code, rfc, section] = piece
    fragment.append(code === undefined ? rfcLink(whole, rfc, section) : el('code', {}, code))
    end = piece.index + whole.length
  }
  fragment.append(text.slice(end))
  return fragment
}

function rfcLink(text, rfc, section) {
  const href = `https://www.rfc-editor.org/rfc/rfc${rfc}${section === undefined ? '' : `#section-${section}`}`
  return el('a', { href, target: '_blank', rel: 'noreferrer' }, text)
}
