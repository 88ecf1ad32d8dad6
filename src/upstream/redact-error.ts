/**
 * An error of somebody else as far as it can be shown to a log: names, codes and messages, and not the request that some
 * libraries put beside them.
 *
 * @param secret what must not stand in a message either
 */
export function withoutDetails(thrown: unknown, secret = '', depth = 0): unknown {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? hidden(thrown, secret) : undefined
  const { name, message, code, cause } = thrown as Error & { readonly code?: unknown }
  const plain = new Error(
    hidden(message, secret),
    depth < MAX_CAUSES ? { cause: withoutDetails(cause, secret, depth + 1) } : {},
  )
  plain.name = name
  plain.stack = `${name}: ${plain.message}`
  return typeof code === 'string' || typeof code === 'number' ? Object.assign(plain, { code }) : plain
}

const MAX_CAUSES = 3

const hidden = (text: string, secret: string): string => (secret === '' ? text : text.replaceAll(secret, '[token]'))
