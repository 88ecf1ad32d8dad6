import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'

type Fetch = typeof globalThis.fetch

/** Sends requests for one origin to another, like a proxy of the application. */
export function reroute(table: Readonly<Record<string, string>>): Fetch {
  return (input, init) => {
    const url = String(input)
    const from = Object.keys(table).find((origin) => url.startsWith(`${origin}/`))
    return fetch(from === undefined ? url : `${table[from]}${url.slice(from.length)}`, init)
  }
}

/** Fetches over `node:http` with a resolver that finds no host: a DNS failure without a network. */
export const withoutNames: Fetch = async (input) => {
  const outgoing = request(String(input), {
    lookup: (hostname, _options, done) => {
      done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), '', 4)
    },
  })
  outgoing.end()
  const [incoming] = await once(outgoing, 'response')
  return new Response(await text(incoming))
}

/** Never settles, and ignores its signal. */
export const silent: Fetch = () => new Promise(() => undefined)
