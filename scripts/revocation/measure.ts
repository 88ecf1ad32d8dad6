import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { JsonWebKeySet } from 'bearward'
import { createTestIssuer } from 'bearward/testing'
import type { Command, Reply, Report, Start } from './messages.ts'

/** A Redis that can fail. */
export interface Store {
  readonly url: string
  flush(): Promise<void>
  /** Stops responding, for so many milliseconds. */
  pause(milliseconds: number): Promise<void>
  /** Is killed, and started again without data. */
  restart(): Promise<void>
}

/** What happens to the store before a user's tokens are revoked. */
export const EVENTS = ['nothing', 'flushed', 'paused', 'killed'] as const
export type StoreEvent = (typeof EVENTS)[number]

export interface Measured {
  readonly event: StoreEvent
  /** Milliseconds from the call of `revoke()` in one process to the last request that a process permitted; 0 if before it. */
  readonly delays: readonly number[]
}

export interface Result {
  readonly revocations: readonly Measured[]
  /** Of each process, at the end. */
  readonly reports: readonly Report[]
  /** Requests a second of all processes. */
  readonly rate: number
}

/** The user whose tokens are never revoked. */
export const OTHER = 'other'

const PAUSE = 1500

/**
 * Runs processes that share a store, with requests to each. In one process, it revokes the tokens of one user after another,
 * and waits until every process refuses them; before that, the store is flushed, paused and killed.
 *
 * @param rate requests a second of all processes
 */
export async function measure(store: Store, processes: number, rate: number): Promise<Result> {
  const issuer = await createTestIssuer({ server: createServer() })
  const children: ChildProcess[] = []
  try {
    const users = [OTHER, ...EVENTS]
    const tokens = await Promise.all(users.map(async (sub) => [sub, await issuer.jwt({ sub })] as const))
    const task: Start = {
      issuer: issuer.issuer,
      resource: issuer.resource,
      keys: (await (await fetch(`${issuer.issuer}/jwks`)).json()) as JsonWebKeySet,
      redis: store.url,
      tokens: Object.fromEntries(tokens),
      rate: rate / processes,
    }
    for (let number = 0; number < processes; number++) {
      children.push(
        fork('scripts/run-typescript.mjs', ['--source', 'scripts/revocation/api-process.ts'], { execArgv: [] }),
      )
    }
    await Promise.all(children.map((child) => ask(child, task)))
    const reports = () => Promise.all(children.map((child) => ask(child, { do: 'report' }) as Promise<Reply & Report>))
    await until(async () => (await reports()).every(({ responses }) => users.every((user) => responses[user])))
    const before = { at: performance.now(), requests: total(await reports()) }
    const revocations: Measured[] = []
    for (const event of EVENTS) {
      if (event === 'flushed') await store.flush()
      if (event === 'paused') await store.pause(PAUSE)
      if (event === 'killed') await store.restart()
      const at = await revoke(children[0] as ChildProcess, event)
      await until(async () => (await reports()).every(({ responses }) => responses[event]?.firstRefused))
      const delays = (await reports()).map(({ responses }) => Math.max(0, (responses[event]?.lastPermitted ?? 0) - at))
      revocations.push({ event, delays })
    }
    const last = await reports()
    const elapsed = (performance.now() - before.at) / 1000
    return { revocations, reports: last, rate: (total(last) - before.requests) / elapsed }
  } finally {
    for (const child of children) child.kill()
    await issuer.stop()
  }
}

/** As an operator would: again until the store has it. */
async function revoke(child: ChildProcess, sub: string): Promise<number> {
  for (;;) {
    const reply = (await ask(child, { do: 'revoke', sub })) as Reply & { readonly type: 'revoked' }
    if (reply.problem === undefined) return reply.at
    await wait(50)
  }
}

async function ask(child: ChildProcess, message: Start | Command): Promise<Reply> {
  const over = new AbortController()
  const { signal } = over
  try {
    const reply = once(child, 'message', { signal }).then(([received]) => received as Reply)
    const ended = once(child, 'exit', { signal }).then(([code]): Reply => {
      throw new Error(`a process of the API ended with status ${code}`)
    })
    ended.catch(() => undefined) // aborted below
    child.send(message)
    return await Promise.race([reply, ended])
  } finally {
    over.abort()
  }
}

const total = (reports: readonly Report[]): number =>
  reports
    .flatMap(({ responses }) => Object.values(responses))
    .flatMap(({ counts }) => Object.values(counts))
    .reduce((sum, one) => sum + one, 0)

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let round = 0; !(await condition()); round++) {
    if (round > 1000) throw new Error('a process still permits what is revoked')
    await wait(50)
  }
}
