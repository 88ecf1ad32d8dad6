import { el } from '../dom.js'

const CLASSES = {
  browser: 'browser',
  client: 'client',
  'authorization server': 'server',
  API: 'api',
  attacker: 'attacker',
}

/** Headers that matter to a flow; every message has the others. */
const SIGNIFICANT =
  /^(authorization|www-authenticate|location|content-type|cookie|set-cookie|retry-after|cache-control|host|dpop|dpop-nonce|client certificate|x5t#s256)$/i

/** A request and its response. */
export function wire({ from, to, tls, request, response }, open) {
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
      el('code', {}, response.start.replace(/^\S+ /, '')),
    ),
    tls !== undefined && handshake(tls),
    message(request, 'Request'),
    message(response, 'Response'),
  )
}

/** The result of the TLS handshake, before any HTTP. */
const handshake = ({ protocol, server, client }) =>
  el(
    'div',
    { class: 'message', tabindex: '0', role: 'group', 'aria-label': 'Connection' },
    el('b', {}, protocol.replace(/^TLSv/, 'TLS ')),
    ...header(['server certificate', `${server}, the only one this client trusts`]),
    ...header(['client certificate', client?.name ?? 'none']),
    ...(client === undefined ? [] : header(['x5t#S256', client.thumbprint])),
  )

const party = (name) => el('span', { class: `party ${CLASSES[name] ?? ''}` }, name)

function message({ start, headers, body, omitted }, label) {
  return el(
    'div',
    { class: 'message', tabindex: '0', role: 'group', 'aria-label': label },
    el('b', {}, start),
    ...inRuns(headers).map((run, index, runs) => {
      if (run.length > LONG) return folded(run)
      // A folded run is a block and ends its own line.
      const lines = run.flatMap(header)
      return el('span', {}, ...(runs[index - 1]?.length > LONG ? lines.slice(1) : lines))
    }),
    body !== '' && el('span', { class: 'body' }, readable(body, headers)),
    omitted !== undefined && el('em', {}, `(omitted: ${omitted})`),
  )
}

/** Longer runs of insignificant headers are folded. */
const LONG = 3

function inRuns(headers) {
  const runs = []
  for (const one of headers) {
    const last = runs.at(-1)
    if (last === undefined || SIGNIFICANT.test(one[0]) || SIGNIFICANT.test(last[0][0])) runs.push([one])
    else last.push(one)
  }
  return runs
}

const header = ([name, value]) => [
  '\n',
  el('span', { class: SIGNIFICANT.test(name) ? 'significant' : 'name' }, name),
  `: ${value}`,
]

const folded = (run) =>
  el('details', { class: 'rest' }, el('summary', {}, `${run.length} more headers`), ...run.flatMap(header).slice(1))

/** Forms with one parameter per line, and indented JSON. */
function readable(body, headers) {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
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
