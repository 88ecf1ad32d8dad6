import { type AccessToken, dpop, type GuardLike, type ResourceServer, scope } from 'bearward'
import { expect, it } from 'vitest'
import { holdToken } from '../../../examples/connections/held-token.ts'
import { NOW } from '../../corpus/kit.ts'
import { createRevokingServer, tokenWith } from '../../revocation/kit.ts'
import { until } from '../../support/upstream/requests.ts'

// The token of an open connection in the examples, at the times that programs cannot be stopped at.

/** The server, and how many watches it has. */
function counting(server: ResourceServer) {
  const open = { count: 0 }
  const watch: ResourceServer['watch'] = (token, onEnd) => {
    open.count++
    let isOpen = true
    const end = () => {
      if (isOpen) open.count--
      isOpen = false
    }
    const inner = server.watch(token, (why) => {
      end()
      onEnd(why)
    })
    return {
      stop() {
        end()
        inner.stop()
      },
    }
  }
  return { server: { ...server, watch }, open }
}

async function holding(claims: Record<string, unknown> = {}, guards: readonly GuardLike[] = []) {
  const parts = createRevokingServer()
  const ends: string[] = []
  const { server, open } = counting(parts.server)
  const token = (await server.verify(tokenWith(claims))) as AccessToken
  return { ...parts, open, ends, held: holdToken(server, token, guards, (why) => ends.push(why)) }
}

it('a renewal that is pending when the token ends changes nothing, and nothing is watched', async () => {
  let proceed = () => {}
  const gate = new Promise<void>((resolve) => {
    proceed = resolve
  })
  const { held, ends, open, revoked } = await holding({ jti: 'one' }, [async () => gate.then(() => true)])
  const renewal = held.renew(tokenWith({ jti: 'two' }))
  await revoked.revoke({ jti: 'one' })
  await until(() => ends.length > 0)
  proceed()
  expect([await renewal, await held.renew(tokenWith({ jti: 'two' }))]).toEqual([false, false])
  expect([ends, held.current, open.count]).toEqual([['revoked'], undefined, 0])
})

it('a renewal that is pending when the connection is closed leaves no watch behind', async () => {
  const { held, ends, open } = await holding()
  const renewal = held.renew(tokenWith({ jti: 'two' }))
  held.release()
  expect([await renewal, held.current, open.count, ends]).toEqual([false, undefined, 0, []])
})

it('renewals at the same time leave one watch', async () => {
  const { held, open, ends, revoked } = await holding()
  const tokens = [1, 2, 3].map((jti) => tokenWith({ jti: `${jti}` }))
  expect(await Promise.all(tokens.map((token) => held.renew(token)))).toEqual([true, true, true])
  expect(open.count).toBe(1)
  await revoked.revoke({ jti: String(held.current?.tokenId) })
  await until(() => ends.length > 0)
  expect([ends, open.count]).toEqual([['revoked'], 0])
})

it('only a token of the same user replaces one; two without a subject are not', async () => {
  const alice = await holding({ sub: 'alice' })
  for (const sub of ['bob', '', undefined]) expect(await alice.held.renew(tokenWith({ sub }))).toBe(false)
  expect(alice.held.current?.subject).toBe('alice')
  const none = await holding({ sub: undefined })
  expect(await none.held.renew(tokenWith({ sub: undefined }))).toBe(false)
  expect(none.open.count).toBe(1)
})

it('what the route requires is required of the new token: scopes, and proof of possession', async () => {
  const scoped = await holding({ scope: 'read:orders' }, [scope('read:orders')])
  expect(await scoped.held.renew(tokenWith({ scope: 'write:orders' }))).toBe(false)
  expect(await scoped.held.renew(tokenWith({ scope: 'write:orders read:orders' }))).toBe(true)
  const bound = await holding({}, [dpop('require')])
  expect(await bound.held.renew(tokenWith({}))).toBe(false)
})

it('a failed renewal does not extend the old token', async () => {
  const { held, ends, clock } = await holding({ exp: NOW + 10 })
  expect(await held.renew(tokenWith({ exp: NOW - 3600 }))).toBe(false)
  for (const token of [undefined, null, 1, {}, [tokenWith({})], ' ', 'a b', `${tokenWith({})},`])
    expect(await held.renew(token)).toBe(false)
  clock.now = NOW + 40
  await until(() => ends.length > 0)
  expect([ends, held.current]).toEqual([['expired'], undefined])
})
