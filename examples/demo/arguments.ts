export type Command =
  | { readonly kind: 'run'; readonly once: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string }

export const HELP = `Shows how an API that bearward protects answers good requests and bad ones.

  npm run demo             shows the table, then stays up for requests of your own until Ctrl-C
  npm run demo -- --once   ends after the table: exit code 0 if each answer was as expected, otherwise 1
  npm run demo -- --help   shows this text

It starts an authorization server and three copies of one API, on Express, Fastify and Hono, all of
them on free ports of 127.0.0.1. It stores nothing and contacts nothing else. NO_COLOR=1 turns
colours off.`

export function commandOf(given: readonly string[]): Command {
  const strange = given.find((argument) => !['--once', '--help', '-h'].includes(argument))
  if (strange !== undefined) {
    return { kind: 'mistake', message: `Unknown argument ${JSON.stringify(strange)}. Known are --once and --help.` }
  }
  if (given.includes('--help') || given.includes('-h')) return { kind: 'help' }
  return { kind: 'run', once: given.includes('--once') }
}
