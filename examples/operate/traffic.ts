import type { OrdersApi } from './orders-api.ts'

/** What callers do: an ordinary minute, and a flood of tokens with keys that do not exist. */
export type Mood = 'calm' | 'flood'

export interface Traffic {
  mood: Mood
  /** How many responses had each status. */
  readonly statuses: Readonly<Record<number, number>>
  stop(): Promise<void>
}

const PAUSE = 50

/** Sends requests, one after the other, in each round. */
export function startTraffic({ url, issuer }: OrdersApi): Traffic {
  const statuses: Record<number, number> = {}
  let stopped = false
  const traffic = { mood: 'calm' as Mood, statuses, stop }

  async function send(token: string | undefined): Promise<void> {
    const response = await fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
    statuses[response.status] = (statuses[response.status] ?? 0) + 1
    await response.arrayBuffer()
  }

  async function round(number: number): Promise<void> {
    await send(await issuer.jwt({ sub: `user-${number % 20}` }))
    await send(issuer.opaque({ sub: `user-${number % 20}` }))
    if (number % 10 === 0) await send(undefined)
    if (number % 10 === 5) await send(await issuer.bad('expired'))
    if (number % 10 === 7) await send(await issuer.jwt({ scope: 'other' }))
    if (traffic.mood === 'calm') return
    for (let count = 0; count < 20; count++) await send(await issuer.jwt({}, { kid: `unknown-${number}-${count}` }))
  }

  const running = run()

  async function run(): Promise<void> {
    for (let number = 0; !stopped; number++) {
      await round(number)
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
  }

  async function stop(): Promise<void> {
    stopped = true
    await running
  }
  return traffic
}
