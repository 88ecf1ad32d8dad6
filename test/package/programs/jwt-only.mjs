import { bindResourceServer } from 'bearward/fetch'
import { createResourceServer } from 'bearward/jwt-only'
import { createTestIssuer } from 'bearward/testing'

const issuer = await createTestIssuer()
const server = createResourceServer({ resource: issuer.resource, issuer: issuer.issuer, fetch: issuer.fetch })
const handler = bindResourceServer(server).requireScope('read')(() => new Response('reached'))
const statusWith = async (token) =>
  (await handler(new Request(issuer.resource, { headers: { authorization: `Bearer ${token}` } }))).status

const jkt = 'A'.repeat(43)
const statuses = [
  await statusWith(await issuer.jwt({ scope: 'read' })),
  await statusWith(await issuer.jwt({ scope: 'write' })),
  await statusWith(await issuer.jwt({ scope: 'read', cnf: { jkt } })),
  await statusWith('opaque'),
]
if (statuses.join() !== '200,403,401,401') throw new Error(`statuses are ${statuses}`)

console.log('all as expected')
