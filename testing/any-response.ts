/** A response of `fetch`, Hono, supertest, Fastify's `inject` or Playwright, or an `IncomingMessage` of Node. */
export type AnyResponse = (
  | { readonly status: number | (() => number); readonly statusCode?: unknown }
  | { readonly statusCode?: number | undefined; readonly status?: unknown }
) & { readonly headers: { get(name: string): string | null } | object }

export function statusOf(response: AnyResponse): number {
  const found = response.statusCode ?? called(response, 'status')
  if (typeof found !== 'number') throw new TypeError('not a response: it has no status')
  return found
}

/** A header's value, or `undefined` if absent. Repeated lines are joined (RFC 9110 §5.3). */
export function headerOf(response: AnyResponse, name: string): string | undefined {
  const headers = called(response ?? {}, 'headers')
  if (typeof headers !== 'object' || headers === null) {
    const isPending = typeof (response as { readonly then?: unknown } | undefined)?.then === 'function'
    throw new TypeError(`not a response: it has no headers${isPending ? '; is an await missing?' : ''}`)
  }
  if ('get' in headers && typeof headers.get === 'function') return (headers as Headers).get(name) ?? undefined
  const value: unknown = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return value === undefined ? undefined : Array.isArray(value) ? value.join(', ') : String(value)
}

/** A member, or what it returns. */
function called(response: Partial<AnyResponse>, name: 'status' | 'headers'): unknown {
  const member: unknown = response[name]
  return typeof member === 'function' ? member.call(response) : member
}
