import type { PublicJsonWebKey } from 'bearward'
import { createDpopClient, createTestIssuer, type DpopClient } from 'bearward/testing'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { createRedisServer, describeWithRedis, type RedisServer } from '../support/redis/server.ts'
import { type Child, type Children, createChildren } from './children.ts'
import type { ReplayReport, ReplayStart } from './replay-program.ts'

// D2: four processes accept each proof once.

const PROOFS = 100
/** How often each proof is sent, per process. */
const TIMES = 25

describeWithRedis('four processes with one Redis for used proofs', () => {
  let children: Children<ReplayStart, ReplayReport>
  let redis: RedisServer
  let client: DpopClient
  let token: string
  let processes: Child<ReplayReport>[]
  beforeAll(async () => {
    redis = await createRedisServer()
    children = await createChildren(new URL('./replay-program.ts', import.meta.url))
    const issuer = await createTestIssuer({ alg: 'ES256', resource: RESOURCE })
    client = await createDpopClient()
    token = await issuer.jwt({ cnf: client.confirmation })
    const start = (library: ReplayStart['library']): ReplayStart => ({
      library,
      redis: redis.url,
      resource: RESOURCE,
      issuer: issuer.issuer,
      keys: { keys: issuer.keys.map(({ jwk }) => jwk as PublicJsonWebKey) },
      token,
    })
    processes = await Promise.all(
      (['node-redis', 'ioredis', 'node-redis', 'ioredis'] as const).map((name) => children.start(start(name))),
    )
  })
  afterAll(async () => {
    await Promise.all(processes?.map((one) => one.stop()) ?? [])
    await Promise.all([children?.remove(), redis?.close()])
  })

  const prove = (count: number, jti?: string) =>
    Promise.all(
      Array.from({ length: count }, () => client.proof({ url: `${RESOURCE}/orders`, token }, jti ? { jti } : {})),
    )

  /** Whether none of them has been too slow recently: on a busy machine, a proof may be used up with a 503. */
  const expectAllAgree = async () => {
    const reports = await Promise.all(processes.map(async (one) => one.ask(await prove(1))))
    return reports.flat().every((outcome) => outcome === 'good')
  }

  /** The results of the four processes, from a round in which the store was fast enough for all of them. */
  async function round(make: () => Promise<readonly (readonly string[])[]>) {
    for (let again = 0; again < 10; again++) {
      await vi.waitUntil(expectAllAgree, { timeout: 20_000, interval: 200 })
      const spent = await make()
      const reports = await Promise.all(processes.map((one, index) => one.ask(spent[index])))
      const accepted = spent.flatMap((proofs, one) => proofs.filter((_, index) => reports[one]?.[index] === 'good'))
      // In every round: none is accepted twice.
      expect(new Set(accepted).size).toBe(accepted.length)
      const outcomes = reports.flat()
      if (!outcomes.includes('replay_unavailable')) return { accepted, outcomes }
    }
    throw new Error('the store was too slow in each round')
  }

  it('accept each proof once, of ten thousand attempts', async () => {
    let proofs: readonly string[] = []
    const { accepted, outcomes } = await round(async () => {
      proofs = await prove(PROOFS)
      const spent = Array.from({ length: TIMES }, () => proofs).flat()
      return processes.map(() => spent)
    })
    expect(accepted.toSorted()).toEqual(proofs.toSorted())
    expect(outcomes.filter((outcome) => outcome === 'proof_replayed')).toHaveLength(4 * TIMES * PROOFS - PROOFS)
  }, 300_000)

  it('accept one of several proofs with the same jti', async () => {
    const { outcomes } = await round(async () => (await prove(4, crypto.randomUUID())).map((proof) => [proof]))
    expect(outcomes.toSorted()).toEqual(['good', 'proof_replayed', 'proof_replayed', 'proof_replayed'])
  }, 300_000)
})
