import { createResourceServer } from 'bearward'
import { expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()
const issuer = { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) }
const token = kit.token()
const server = (limit: number) =>
  createResourceServer({ resource: RESOURCE, issuer, clock: () => NOW, limits: { token: limit } })

it('server.verify() has the limit of requests, inclusive (R5)', async () => {
  await expect(server(token.length).verify(token)).resolves.toMatchObject({ format: 'jwt' })
  await expect(server(token.length - 1).verify(token)).rejects.toMatchObject({
    status: 401,
    reason: 'token_too_large',
    option: 'limits.token',
  })
})

it('server.verify() refuses what is no string (RFC 6750 §3.1)', async () => {
  for (const value of [undefined, null, 1, [token], { token }]) {
    await expect(server(8192).verify(value as never)).rejects.toMatchObject({ status: 401, reason: 'malformed' })
  }
})
