import { describe, expect, it, vi } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { createLog, send } from '../support/upstream/requests.ts'

// A runtime without Node's modules, where the SHA-256 of a token is a promise.
const { restore } = vi.hoisted(() => {
  const { getBuiltinModule } = process
  Object.assign(process, { getBuiltinModule: undefined })
  return { restore: () => Object.assign(process, { getBuiltinModule }) }
})
const { createResourceServer } = await import('../../src/index.ts')
const { digestOf } = await import('../../src/util/digest.ts')
restore()

const kit = createKit()

function createServer() {
  const introspected: string[] = []
  const log = createLog()
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: {
      issuer: ISSUER,
      keys: keySetOf(kit.signers.ES256),
      introspect: {
        name: 'by hand',
        check: (token) => {
          introspected.push(token)
          return { active: true, sub: 'opaque', aud: RESOURCE }
        },
      },
    },
    clock: () => NOW,
    onEvent: log.onEvent,
  })
  return { server, introspected, log }
}

describe('where the runtime has only WebCrypto', () => {
  it('the digest of a token is a promise of a SHA-256', async () => {
    const digest = digestOf('abc')
    expect(digest).toBeInstanceOf(Promise)
    // FIPS 180-4 gives the digest of "abc".
    expect(Buffer.from(await digest, 'latin1').toString('hex')).toMatch(/^ba7816bf8f01cfea414140de5dae2223/)
  })

  it('tokens are cached and forgotten as elsewhere (I4, I5)', async () => {
    const { server, introspected } = createServer()
    for (const token of [kit.token(), 'opaque']) {
      const before = server.state().caches
      for (let round = 0; round < 3; round++) expect((await send(server, token)).status).toBe(200)
      const after = server.state().caches
      expect(after.jwt.entries + after.active.entries).toBeGreaterThan(before.jwt.entries + before.active.entries)
      await server.forget(token)
      const { jwt, active } = server.state().caches
      expect(jwt.entries + active.entries).toBe(before.jwt.entries + before.active.entries)
      expect((await send(server, token)).status).toBe(200)
      await server.forget(token)
    }
    expect(introspected).toEqual(['opaque', 'opaque'])
  })

  it('each token has a digest of its own', async () => {
    const { server } = createServer()
    const subjects = ['alice', 'bob', 'alice', 'bob'].map(async (sub) => {
      const { subject } = await server.verify(kit.token({ claims: kit.claims({ sub }) }))
      return subject
    })
    expect(await Promise.all(subjects)).toEqual(['alice', 'bob', 'alice', 'bob'])
  })

  it('a bad signature is refused', async () => {
    const { server } = createServer()
    expect(await send(server, `${kit.token().slice(0, -8)}AAAAAAAA`)).toMatchObject({
      status: 401,
      reason: 'signature',
    })
  })
})
