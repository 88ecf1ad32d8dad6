import { isError } from '../util/is-error.ts'
import { quotes } from './quotes.ts'

/**
 * The loggable part of a foreign error: names, codes and messages, without the request that some libraries attach. A text
 * that quotes a secret is replaced as a whole.
 */
export function redactError(thrown: unknown, secrets: readonly string[] = [], depth = 0): unknown {
  try {
    return redacted(thrown, secrets, depth)
  } catch {
    return undefined // a getter that throws
  }
}

function redacted(thrown: unknown, secrets: readonly string[], depth: number): unknown {
  const clean = (text: string): string => (quotes(text, secrets) ? QUOTED : text)
  if (!isError(thrown)) return typeof thrown === 'string' ? clean(thrown) : undefined
  const { name, message, code, cause } = thrown as Error & { readonly code?: unknown }
  const plain = new Error(
    clean(String(message)),
    depth < MAX_CAUSES ? { cause: redactError(cause, secrets, depth + 1) } : {},
  )
  plain.name = clean(String(name))
  plain.stack = `${plain.name}: ${plain.message}`
  if (typeof code === 'number') return Object.assign(plain, { code })
  return typeof code === 'string' ? Object.assign(plain, { code: clean(code) }) : plain
}

const MAX_CAUSES = 3

const QUOTED = '[a message that quotes the request]'

/** The parts of a request that nothing may repeat: its credentials, the token, and what is in the query of its URL. */
export function secretsOf(request: {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}): readonly string[] {
  const { authorization = '' } = request.headers
  const parameters = [...new URL(request.url).searchParams, ...new URLSearchParams(request.body ?? '')]
  const values = parameters.flatMap(([name, value]) => (PUBLIC.includes(name) ? [] : [value]))
  return [...values, ...credentialsIn(authorization)].filter((secret) => secret !== '')
}

const PUBLIC: readonly string[] = ['client_id', 'token_type_hint', 'client_assertion_type']

/** RFC 7617 §2: what Basic encodes is the secret, and so is what that encodes as a form (RFC 6749 §2.3.1). */
function credentialsIn(authorization: string): readonly string[] {
  const [scheme = '', credentials = ''] = authorization.split(' ', 2)
  if (scheme !== 'Basic') return [credentials]
  const password = atob(credentials).split(':').slice(1).join(':')
  return [credentials, password, new URLSearchParams(`_=${password}`).get('_') ?? '']
}
