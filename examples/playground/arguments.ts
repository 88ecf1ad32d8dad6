import { parseArgs } from 'node:util'

export type Command =
  | { readonly kind: 'run'; readonly port: number | undefined }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string }

/** Used if it is free. */
export const DEFAULT_PORT = 7080

export const HELP = `Shows in your browser how OAuth 2 tokens are issued, and how an API checks them.

  npm start                   opens the playground on port ${DEFAULT_PORT}, or on a free one if that is taken
  npm start -- --port 9000    on this port; 0 takes a free one
  npm start -- --operate      instead runs an API with metrics, and Prometheus, through an outage
  npm start -- --help         shows this text

It starts a page, an authorization server and three copies of one API, on Express, Fastify and Hono, all
of them on 127.0.0.1. It stores nothing and contacts nothing else. Ctrl-C ends it.`

export function commandOf(args: readonly string[]): Command {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
    if (values.help) return { kind: 'help' }
    const { port } = values
    if (port === undefined) return { kind: 'run', port }
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
      return { kind: 'mistake', message: `--port must be a number from 0 to 65535, not ${JSON.stringify(port)}.` }
    }
    return { kind: 'run', port: Number(port) }
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown
    return { kind: 'mistake', message: `${thrown.message}\nUse --port or --help.` }
  }
}
