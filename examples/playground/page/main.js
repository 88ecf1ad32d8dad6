import { el } from './dom.js'
import { Inspector } from './inspect/panel.js'
import { setup } from './server.js'
import { FlowView } from './view/flow.js'
import { home } from './view/home.js'

const main = document.querySelector('#main')
const status = document.querySelector('#status')

/** Announces a text to screen readers. */
const say = (text) => {
  status.textContent = text
}

const settings = await setup()
const inspector = new Inspector(document.querySelector('#inspector'), settings)

document
  .querySelector('#flows')
  .append(
    ...settings.flows.map(({ id, title, who }) =>
      el('li', {}, el('a', { href: `#${id}` }, title, el('span', {}, who))),
    ),
  )

async function show() {
  const flow = settings.flows.find(({ id }) => `#${id}` === location.hash)
  document.body.dataset.view = flow === undefined ? 'home' : 'flow'
  document.title = flow === undefined ? 'bearward playground' : `${flow.title} · bearward playground`
  for (const link of document.querySelectorAll('#flows a')) {
    if (link.hash === location.hash) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  inspector.close()
  if (flow === undefined) {
    inspector.offer([])
    main.replaceChildren(home(settings.flows))
  } else {
    const next = settings.flows[settings.flows.indexOf(flow) + 1]
    await new FlowView(main, flow, { next, inspector, say }).open()
  }
}

const showSafely = () =>
  show().catch((problem) => main.replaceChildren(el('p', { role: 'alert' }, String(problem.message))))

addEventListener('hashchange', async () => {
  if (location.hash === '#main') return // the skip link
  await showSafely()
  scrollTo(0, 0)
  main.focus({ preventScroll: true })
})
await showSafely()
