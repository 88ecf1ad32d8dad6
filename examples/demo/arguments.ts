export type Command =
  | { readonly kind: 'run'; readonly once: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string }

export const HELP = `Shows how an API protected by bearward responds to good and bad requests.

  npm run demo             shows the table, then stays up for requests of your own until Ctrl-C
  npm run demo -- --once   ends after the table: exit code 0 if all responses were as expected, otherwise 1
  npm run demo -- --help   shows this text

It starts an authorization server and three copies of one API, on Express, Fastify and Hono, on free
ports of 127.0.0.1. It stores nothing and contacts no other server. NO_COLOR=1 turns colors off.`

export function commandOf(args: readonly string[]): Command {
  const unknown = args.find((argument) => !['--once', '--help', '-h'].includes(argument))
  if (unknown !== undefined) {
    return { kind: 'mistake', message: `Unknown argument ${JSON.stringify(unknown)}. Use --once or --help.` }
  }
  if (args.includes('--help') || args.includes('-h')) return { kind: 'help' }
  return { kind: 'run', once: args.includes('--once') }
}
