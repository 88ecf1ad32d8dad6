import { visible } from '../visible.ts'
import type { LocalIssuer } from './server.ts'

/** A token, and what an API responds to it. */
export interface Example {
  readonly name: string
  readonly about: string
  readonly token: string
}

/** What the command prints, for a terminal. */
export function textOf(
  { issuer, tokenEndpoint }: LocalIssuer,
  api: string,
  [scope = '']: readonly string[],
  examples: readonly Example[],
): string {
  const { clientId, clientSecret } = issuer.client
  const calls = examples.flatMap(({ about, token }) => [
    `  # ${about}`,
    `  curl -i ${quoted(api)} -H 'Authorization: Bearer ${token}'`,
    '',
  ])
  const lines = [
    `The issuer is ${issuer.issuer}; stop it with Ctrl+C. Each start creates a new key.`,
    '',
    'The options of your resource server:',
    '',
    `  resource: ${literal(issuer.resource)},`,
    `  issuer: ${literal(issuer.issuer)},`,
    '',
    'Call your API; the tokens are valid for an hour:',
    '',
    ...calls,
    'Get a new token, as a client (RFC 6749 §4.4):',
    '',
    `  curl ${tokenEndpoint} -u ${clientId}:${clientSecret} -d grant_type=client_credentials -d ${quoted(`scope=${scope}`)}`,
    '',
    'Inspect a token: npx bearward inspect',
  ]
  return lines.map((line) => `${visible(line)}\n`).join('')
}

/** For a shell. */
const quoted = (text: string): string => (/^[\w:/.=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

/** For a program. */
const literal = (text: string): string => (/['\\]/.test(text) ? JSON.stringify(text) : `'${text}'`)
