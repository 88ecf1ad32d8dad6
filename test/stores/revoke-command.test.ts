import { revocationStore } from 'bearward/redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bearward } from '../cli/command.ts'
import { createRevokingServer, kit } from '../revocation/kit.ts'
import { SECRET } from '../revocation/shared-store.ts'
import { NODE_REDIS, type RedisConnection } from '../support/redis/clients.ts'
import { createRedisServer, describeWithRedis, type RedisServer } from '../support/redis/server.ts'

// `bearward revoke` with a real Redis, and a resource server that shares it.

const nowInSeconds = () => Math.floor(Date.now() / 1000)

describeWithRedis('bearward revoke', () => {
  let redis: RedisServer
  let connection: RedisConnection
  beforeAll(async () => {
    redis = await createRedisServer()
    connection = await NODE_REDIS.connect(redis.url)
  })
  afterAll(async () => {
    connection.close()
    await redis.close()
  })

  const revoke = (args: readonly string[], secret: string = SECRET) =>
    bearward(['revoke', ...args, '--store-env', 'STORE', '--secret-env', 'SECRET'], {
      env: { STORE: redis.url, SECRET: secret },
    })

  it('reaches a server that runs: revoke, list, restore', async () => {
    const { server, outcome } = createRevokingServer(
      { clock: () => Date.now() / 1000 },
      { store: revocationStore(connection.client), secret: SECRET },
    )
    const iat = nowInSeconds()
    const token = kit.token({ claims: kit.claims({ iat, exp: iat + 600, sub: 'alice' }) })
    expect(await outcome(token)).toBe('allowed')

    const dry = await revoke(['--sub', 'alice', '--dry-run'])
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(/^would revoke: .*sub "alice"/) })
    expect(await revoke(['--list'])).toMatchObject({ code: 0, stdout: 'no revocations\n' })

    const done = await revoke(['--sub', 'alice'])
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/^revoked: .*every issuer/) })
    await expect.poll(() => outcome(token), { timeout: 5000 }).toBe('revoked')

    const id = done.stdout.split(' ')[1] ?? ''
    expect((await revoke(['--list'])).stdout).toContain(id)
    expect((await revoke(['--restore', id, '--dry-run'])).stdout).toMatch(/^would restore: /)
    expect(await revoke(['--restore', id])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^restored: /) })
    await expect.poll(() => outcome(token), { timeout: 5000 }).toBe('allowed')
    expect(await revoke(['--restore', id])).toMatchObject({ code: 3, stderr: expect.stringContaining('not in force') })
    server.close()
  })

  it('warns if the secret is probably another one, and refuses a short one', async () => {
    await revoke(['--jti', 'x'])
    const other = await revoke(['--list'], 'another-secret-of-more-than-32-bytes')
    expect(other).toMatchObject({
      stdout: 'no revocations\n',
      stderr: expect.stringContaining('does --secret-env name the secret'),
    })
    const short = await revoke(['--list'], 'hunter2')
    expect(short).toMatchObject({ code: 2, stdout: '' })
    expect(short.stderr).not.toContain('hunter2')
  })

  it('warns if the prefix is probably another one, until the store has a record under it', async () => {
    const warning = expect.stringContaining('use --prefix')
    expect(await revoke(['--sub', 'alice', '--prefix', 'orders:'])).toMatchObject({ code: 0, stderr: warning })
    expect(await revoke(['--sub', 'bob', '--prefix', 'orders:'])).toMatchObject({ code: 0, stderr: '' })
    expect(await revoke(['--list', '--prefix', 'others:'])).toMatchObject({ code: 0, stderr: warning })
  })
})
