import { BearwardError, type BearwardEvent, type GuardLike, type ResourceRequest, type ResourceServer } from 'bearward'

/** The outcome of a request, as a client sees it. */
export interface Outcome {
  readonly status: number
  readonly reason: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly retryAfter: number | undefined
  readonly milliseconds: number
}

export function requestWith(token: string | undefined): ResourceRequest {
  return {
    native: {},
    method: 'GET',
    target: '/orders',
    authorization: token === undefined ? [] : [`Bearer ${token}`],
    contentType: undefined,
  }
}

/** Sends one request with a token through the core, for a route with these guards. Rethrows other errors. */
export async function send(server: ResourceServer, token: string, ...guards: readonly GuardLike[]): Promise<Outcome> {
  const start = process.hrtime.bigint()
  const end = (status: number, reason?: string, headers: Readonly<Record<string, string>> = {}): Outcome => ({
    status,
    reason,
    headers,
    retryAfter: headers['Retry-After'] === undefined ? undefined : Number(headers['Retry-After']),
    milliseconds: Number(process.hrtime.bigint() - start) / 1e6,
  })
  try {
    await server.authenticate(requestWith(token), guards)
    return end(200)
  } catch (thrown) {
    if (!(thrown instanceof BearwardError)) throw thrown
    return end(thrown.status, thrown.reason, server.respond(thrown).headers)
  }
}

/** How often each outcome occurred, such as `{ 200: 9, '401 unknown_key': 1 }`. */
export function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, reason } of outcomes) {
    const name = reason === undefined ? String(status) : `${status} ${reason}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

type EventOf<Type extends BearwardEvent['type']> = Extract<BearwardEvent, { type: Type }>

/** Records the events of a server. */
export function createLog() {
  const events: BearwardEvent[] = []
  return {
    events,
    onEvent: (event: BearwardEvent): void => {
      events.push(event)
    },
    of: <Type extends BearwardEvent['type']>(type: Type): EventOf<Type>[] =>
      events.filter((event): event is EventOf<Type> => event.type === type),
  }
}

/** Waits for something that happens in the background. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  for (let round = 0; !condition(); round++) {
    if (round > 2000) throw new Error(`${what} did not come true`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
