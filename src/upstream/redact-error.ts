/**
 * The loggable part of a foreign error: names, codes and messages, without the request that some libraries attach.
 *
 * @param secret a string to remove from the messages
 */
export function redactError(thrown: unknown, secret = '', depth = 0): unknown {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? redact(thrown, secret) : undefined
  const { name, message, code, cause } = thrown as Error & { readonly code?: unknown }
  const plain = new Error(
    redact(message, secret),
    depth < MAX_CAUSES ? { cause: redactError(cause, secret, depth + 1) } : {},
  )
  plain.name = name
  plain.stack = `${name}: ${plain.message}`
  return typeof code === 'string' || typeof code === 'number' ? Object.assign(plain, { code }) : plain
}

const MAX_CAUSES = 3

const redact = (text: string, secret: string): string => (secret === '' ? text : text.replaceAll(secret, '[token]'))
