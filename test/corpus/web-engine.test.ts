import { InvalidToken } from 'bearward'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { signatureEngine } from '../../src/jws/default-engine.ts'
import { acceptedTokens } from './accepted-tokens.ts'
import { createKit, optionsFor } from './kit.ts'
import { TOKEN_FAMILIES } from './tokens/index.ts'

// A runtime without Node's modules, such as a browser or an edge runtime. The package looks for them when it is loaded.
const { restore } = vi.hoisted(() => {
  const { getBuiltinModule } = process
  Object.assign(process, { getBuiltinModule: undefined })
  return { restore: () => Object.assign(process, { getBuiltinModule }) }
})
const { createResourceServer } = await import('bearward')
restore()

const fetched: string[] = []
const kit = createKit()
const server = createResourceServer(optionsFor(kit, fetched))

afterAll(() => server.close())

describe('where the runtime has WebCrypto only', () => {
  it('the portable engine is in use', () => {
    expect(signatureEngine.name).toBe('web')
  })

  for (const { family, make } of TOKEN_FAMILIES) {
    describe(family, () => {
      it.each(make(kit))('decides alike: $name', async ({ token, reason, error }) => {
        const decided = Promise.resolve().then(() => server.verify(token))
        // Scopes are checked later: the token itself is valid.
        if (error) await expect(decided).resolves.toMatchObject({ subject: 'user-1' })
        else await expect(decided).rejects.toSatisfy((thrown) => reasonOf(thrown) === reason)
      })
    })
  }

  it.each(acceptedTokens(kit))('accepts alike: $name', async ({ token }) => {
    await expect(Promise.resolve(server.verify(token))).resolves.toMatchObject({ format: 'jwt' })
  })

  it('and nothing is fetched', () => {
    expect(fetched).toEqual([])
  })
})

const reasonOf = (thrown: unknown): string => (thrown instanceof InvalidToken ? thrown.reason : String(thrown))
