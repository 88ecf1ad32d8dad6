import { el } from '../dom.js'

const CLASSES = {
  browser: 'browser',
  client: 'client',
  'authorization server': 'server',
  API: 'api',
  attacker: 'attacker',
}

/** Fields that say something about the flow; the others every message has. */
const TELLING =
  /^(authorization|www-authenticate|location|content-type|cookie|set-cookie|retry-after|cache-control|host|dpop|dpop-nonce|client certificate|x5t#s256)$/i

/** A request and its answer. */
export function wire({ from, to, tls, request, answer }, open) {
  const [method, target] = request.start.split(' ')
  const path = target.split('?', 1)[0]
  return el(
    'details',
    { class: 'wire', open },
    el(
      'summary',
      {},
      party(from),
      '→ ',
      party(to),
      el('code', {}, `${method} ${path}`),
      el('code', {}, answer.start.replace(/^\S+ /, '')),
    ),
    tls !== undefined && handshake(tls),
    message(request, 'Request'),
    message(answer, 'Answer'),
  )
}

/** What the handshake has settled before the first byte of HTTP. */
const handshake = ({ protocol, server, client }) =>
  el(
    'div',
    { class: 'message', tabindex: '0', role: 'group', 'aria-label': 'Connection' },
    el('b', {}, protocol.replace(/^TLSv/, 'TLS ')),
    ...field(['server certificate', `${server}, the only one this client trusts`]),
    ...field(['client certificate', client?.name ?? 'none']),
    ...(client === undefined ? [] : field(['x5t#S256', client.thumbprint])),
  )

const party = (name) => el('span', { class: `party ${CLASSES[name] ?? ''}` }, name)

function message({ start, fields, body, omitted }, label) {
  return el(
    'div',
    { class: 'message', tabindex: '0', role: 'group', 'aria-label': label },
    el('b', {}, start),
    ...inRuns(fields).map((run, index, runs) => {
      if (run.length > LONG) return folded(run)
      // What is folded away is a block, and ends its line by itself.
      const lines = run.flatMap(field)
      return el('span', {}, ...(runs[index - 1]?.length > LONG ? lines.slice(1) : lines))
    }),
    body !== '' && el('span', { class: 'body' }, readable(body, fields)),
    omitted !== undefined && el('em', {}, `(left out here: ${omitted})`),
  )
}

/** So many fields in a row that say nothing about the flow are folded away. */
const LONG = 3

function inRuns(fields) {
  const runs = []
  for (const one of fields) {
    const last = runs.at(-1)
    if (last === undefined || TELLING.test(one[0]) || TELLING.test(last[0][0])) runs.push([one])
    else last.push(one)
  }
  return runs
}

const field = ([name, value]) => [
  '\n',
  el('span', { class: TELLING.test(name) ? 'telling' : 'name' }, name),
  `: ${value}`,
]

const folded = (run) =>
  el('details', { class: 'rest' }, el('summary', {}, `${run.length} more fields`), ...run.flatMap(field).slice(1))

/** Forms with a parameter on each line, JSON indented; otherwise as it is. */
function readable(body, fields) {
  const type = fields.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return el('span', {}, ...body.split(/(?=&)/).map((part) => el('span', { class: 'param' }, part)))
  }
  if (/json/.test(type)) {
    try {
      return JSON.stringify(JSON.parse(body), undefined, 2)
    } catch {
      return body
    }
  }
  return body
}
