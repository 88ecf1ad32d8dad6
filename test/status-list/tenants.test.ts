import { createResourceServer } from 'bearward'
import { statusList } from 'bearward/status-list'
import { expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { createStatusWorld, kit, lstOf } from './kit.ts'

it('a request that is decided again has the status of its token checked, also if its issuer was evicted meanwhile (SPEC N4, R9, M4)', async () => {
  const world = await createStatusWorld()
  const others = ['https://one.example', 'https://two.example']
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: {
      allow: { has: (issuer) => [world.upstream.url, ...others].includes(issuer) },
      resolve: () => ({ keys: keySetOf(kit.signers.ES256), statusList: statusList(), deadline: 1 }),
      alive: 2,
    },
    clock: () => NOW,
  })
  const requestWith = (token: string) => ({
    native: {},
    method: 'GET',
    target: '/',
    authorization: [`Bearer ${token}`],
    contentType: undefined,
  })
  const request = requestWith(world.tokenAt(0))
  await server.authenticate(request)
  for (const iss of others) await server.authenticate(requestWith(kit.token({ claims: kit.claims({ iss }) })))
  expect(
    server
      .state()
      .issuers.map(({ issuer }) => issuer)
      .sort(),
  ).toEqual(others)
  world.publish(world.listToken({ status_list: { bits: 1, lst: lstOf(0b1) } }))
  await expect(server.authenticate(request)).rejects.toMatchObject({ reason: 'status' })
  server.close()
  await world.stop()
})
