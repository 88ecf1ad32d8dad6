import { el, rich } from '../dom.js'
import { wire } from './wire.js'

const STAMPS = { good: 'accepted', refused: 'refused', note: 'note' }

/** The result of an action. Its heading opens and closes it. */
export function entry({ id, outcome, title, choices, text, details, exchanges }) {
  return el(
    'article',
    { class: `entry ${outcome}`, id: `entry-${id}`, 'aria-labelledby': `entry-${id}-title` },
    el(
      'details',
      { class: 'result', open: true },
      el(
        'summary',
        {},
        el('h3', { id: `entry-${id}-title`, tabindex: '-1' }, title),
        outcome !== 'note' && el('span', { class: 'stamp' }, STAMPS[outcome]),
        choices.length > 0 && el('span', { class: 'choices' }, choices.join(' · ')),
      ),
      el('p', {}, rich(text)),
      details.length > 0 && el('dl', { class: 'details' }, ...details.map(detail)),
      ...exchanges.map((exchange) => wire(exchange, exchanges.length === 1)),
    ),
  )
}

const detail = ({ name, value, meaning }) =>
  el('div', {}, el('dt', {}, name), el('dd', {}, el('code', {}, value), el('span', {}, rich(meaning))))
