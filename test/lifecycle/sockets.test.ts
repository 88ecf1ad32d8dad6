import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER } from '../corpus/kit.ts'
import { type Children, createChildren } from '../stores/children.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import type { End, Report, Start } from './sockets-program.ts'

// N3c, K10: watches keep no process alive. One with 1,000 open sockets, each with a watch, exits by itself when they close.

const SOCKETS = 1000

const kit = createKit()
let children: Children<Start, Report>
beforeAll(async () => {
  children = await createChildren(new URL('./sockets-program.ts', import.meta.url))
})
afterAll(() => children.remove())

function tokenFor(sub: string): string {
  const now = Math.floor(Date.now() / 1000)
  return kit.token({ claims: kit.claims({ sub, iat: now, exp: now + 3600 }) })
}

async function connect(port: number, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { authorization: `Bearer ${token}` } })
  await once(socket, 'open')
  return socket
}

it.each<readonly [End, Report['ends']]>([
  ['clients', {}],
  ['revoke', { revoked: SOCKETS }],
  ['close', { closed: SOCKETS }],
])(
  'a process with 1,000 watched sockets exits when they close, without a timer left (%s)',
  { timeout: 120_000 },
  async (end, ends) => {
    const child = await children.start({ issuer: ISSUER, resource: RESOURCE, keys: keySetOf(kit.signers.ES256) })
    const { port } = await child.ask('start')
    const token = tokenFor('user-1')
    const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => connect(port, token)))
    const closed = sockets.map((socket) => once(socket, 'close'))
    const before = await child.ask(end)
    expect([before.open, before.ends]).toEqual([SOCKETS, {}])
    // Bun does not report timers to async_hooks. There, only the exit shows that none is left.
    if (!('Bun' in globalThis)) expect(before.timers).toBeGreaterThan(0)
    if (end === 'clients') for (const socket of sockets) socket.close()
    const codes = (await Promise.all(closed)).map(([code]) => code)
    expect(new Set(codes)).toEqual(new Set([end === 'clients' ? 1005 : 4401]))
    // The process has to end by itself: nothing signals it, and its input is closed.
    expect(await child.next()).toEqual({ port: 0, open: 0, ends, timers: 0 })
    expect(await child.exited).toBe(0)
  },
)
