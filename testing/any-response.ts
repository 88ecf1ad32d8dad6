/** A response in any of these forms: `Response` (fetch, Hono), supertest, Fastify's `inject`, Node's `IncomingMessage`. */
export type AnyResponse = (
  | { readonly status: number; readonly statusCode?: unknown }
  | { readonly statusCode?: number | undefined; readonly status?: unknown }
) & { readonly headers: { get(name: string): string | null } | object }

export function statusOf({ status, statusCode }: AnyResponse): number {
  const found = typeof status === 'number' ? status : statusCode
  if (typeof found !== 'number') throw new TypeError('not a response: it has no status')
  return found
}

/** A header's value, or `undefined` if absent. Repeated lines are joined (RFC 9110 §5.3). */
export function headerOf(response: AnyResponse, name: string): string | undefined {
  const { headers } = (response ?? {}) as Partial<AnyResponse>
  if (typeof headers !== 'object' || headers === null) {
    const isPending = typeof (response as { readonly then?: unknown } | undefined)?.then === 'function'
    throw new TypeError(`not a response: it has no headers${isPending ? '; is an await missing?' : ''}`)
  }
  if ('get' in headers && typeof headers.get === 'function') return (headers as Headers).get(name) ?? undefined
  const value: unknown = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return value === undefined ? undefined : Array.isArray(value) ? value.join(', ') : String(value)
}
