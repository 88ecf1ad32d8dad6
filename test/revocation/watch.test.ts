import type { TokenEnd } from 'bearward'
import { describe, expect, it } from 'vitest'
import { NOW } from '../corpus/kit.ts'
import { until } from '../support/upstream/requests.ts'
import { createRevokingServer, tokenWith } from './kit.ts'

const turn = () => new Promise((resolve) => setTimeout(resolve, 60))

// server.watch(): the connections of a token (N3c).

async function watching(claims: Record<string, unknown> = {}) {
  const parts = createRevokingServer()
  const ends: TokenEnd[] = []
  const token = await parts.server.verify(tokenWith(claims))
  const watch = parts.server.watch(token, (why) => void ends.push(why))
  return { ...parts, token, ends, watch }
}

describe('a watched token', () => {
  it('ends with its revocation, once', async () => {
    const { revoked, ends } = await watching()
    await turn()
    await revoked.revoke({ sub: 'user-1' })
    expect(ends).toEqual([])
    await until(() => ends.length > 0)
    await revoked.revoke({ jti: 'token-1' })
    await turn()
    expect(ends).toEqual(['revoked'])
  })

  it('does not end with the revocation of others', async () => {
    const { revoked, ends } = await watching()
    await revoked.revoke({ sub: 'user-2' })
    await turn()
    expect(ends).toEqual([])
  })

  it('ends at exp plus the clock tolerance, when a request is refused', async () => {
    const { clock, ends, outcome, server, token } = await watching({ exp: NOW + 10 })
    clock.now = NOW + 39.9
    await turn()
    expect([ends, await outcome(tokenWith({ exp: NOW + 10 }))]).toEqual([[], 'allowed'])
    clock.now = NOW + 40
    await until(() => ends.length > 0)
    expect([ends, await outcome(tokenWith({ exp: NOW + 10 }))]).toEqual([['expired'], 'expired'])
    // One that has ended already does not end in the same turn, either.
    server.watch(token, (why) => void ends.push(why))
    expect(ends).toHaveLength(1)
    await until(() => ends.length === 2)
  })

  it('ends when the server is closed', async () => {
    const { server, ends } = await watching()
    server.close()
    expect(ends).toEqual([])
    await until(() => ends.length > 0)
    expect(ends).toEqual(['closed'])
  })

  it('that is stopped does not end', async () => {
    const { server, ends, watch, revoked } = await watching()
    await revoked.revoke({ sub: 'user-1' })
    watch.stop()
    server.close()
    await turn()
    expect(ends).toEqual([])
  })

  it('ends although another one was stopped', async () => {
    const { server, token, clock, ends } = await watching({ exp: NOW + 10 })
    const other = server.watch(token, () => undefined)
    await turn()
    other.stop()
    clock.now = NOW + 40
    await until(() => ends.length > 0)
    expect(ends).toEqual(['expired'])
  })

  it('ends although another listener throws or rejects', async () => {
    const { server, token, ends, revoked } = await watching()
    server.watch(token, () => {
      throw new Error('own')
    })
    server.watch(token, (async () => {
      throw new Error('own')
    }) as () => void)
    server.watch(token, (why) => void ends.push(why))
    await revoked.revoke({ sub: 'user-1' })
    await until(() => ends.length === 2)
  })

  it('ends if the clock of the application fails, as a request does', async () => {
    const { clock, ends } = await watching()
    clock.now = Number.NaN
    await until(() => ends.length > 0)
    expect(ends).toEqual(['expired'])
  })

  it.each<[string, (call: number) => boolean]>([
    ['always', () => true],
    ['at every second call', (call) => call % 2 === 1],
    ['at every other call', (call) => call % 2 === 0],
  ])('ends with its revocation although the clock of another server fails %s', async (_, fails) => {
    const { revoked } = createRevokingServer()
    let calls = 0
    let isBroken = false
    const broken = createRevokingServer({ clock: () => (isBroken && fails(calls++) ? Number.NaN : NOW) }, revoked)
    const { server } = createRevokingServer({}, revoked)
    for (const _ of [1, 2]) await broken.server.verify(tokenWith()) // cached the second time
    const ends: [string, TokenEnd][] = []
    for (const [name, one] of Object.entries({ broken: broken.server, server }))
      one.watch(await one.verify(tokenWith()), (why) => void ends.push([name, why]))
    await turn()
    isBroken = true
    await revoked.revoke({ sub: 'user-1' })
    await until(() => ends.length === 2)
    expect(ends.sort()).toEqual([
      ['broken', 'expired'],
      ['server', 'revoked'],
    ])
  })

  it('that is watched again when it ends does not end again in the same turn, which would never end', async () => {
    const { server, token, revoked, ends } = await watching()
    const calls: number[] = []
    let turns = 0
    const again = () => {
      if (calls.push(turns) < 10) server.watch(token, again)
    }
    server.watch(token, again)
    const timer = setInterval(() => turns++, 1)
    await revoked.revoke({ sub: 'user-1' })
    await until(() => calls.length === 10)
    clearInterval(timer)
    expect(ends).toEqual(['revoked'])
    expect(new Set(calls).size).toBeGreaterThan(1)
  })

  it('that is stopped when another one ends does not end', async () => {
    const { server, token, revoked, ends } = await watching()
    const others: TokenEnd[] = []
    const one = server.watch(token, (why) => {
      others.push(why)
      other.stop()
    })
    const other = server.watch(token, (why) => {
      others.push(why)
      one.stop()
    })
    await revoked.revoke({ sub: 'user-1' })
    await until(() => ends.length > 0)
    await turn()
    expect(others).toEqual(['revoked'])
  })

  it('needs a function', async () => {
    const { server, token } = await watching()
    expect(() => server.watch(token, undefined as never)).toThrow('watch must be a function')
  })
})
