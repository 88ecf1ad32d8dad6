import { createResourceServer } from 'bearward'
import { statusList } from 'bearward/status-list'
import { createTestIssuer } from 'bearward/testing'

const issuer = await createTestIssuer()
const uri = `${issuer.issuer}/statuslists/1`
// The list of draft-ietf-oauth-status-list-21 §4, in which the second token is valid and the first is not.
const list = await issuer.jwt(
  { sub: uri, aud: undefined, status_list: { bits: 1, lst: 'eNrbuRgAAhcBXQ' } },
  { typ: 'statuslist+jwt' },
)
const server = createResourceServer({
  ...issuer.options,
  issuer: { issuer: issuer.issuer, statusList: statusList() },
  fetch: (url, init) => (url === uri ? Promise.resolve(new Response(list)) : issuer.fetch(url, init)),
})
const tokenAt = (idx) => issuer.jwt({ status: { status_list: { idx, uri } } })
await server.verify(await tokenAt(1))
const reason = await server.verify(await tokenAt(0)).then(
  () => 'accepted',
  (error) => error.reason,
)
if (reason !== 'status') throw new Error(`reason is ${reason}`)

console.log('all as expected')
