import { createResourceServer } from 'bearward'
import { revocation } from 'bearward/revocation'
import { createTestIssuer } from 'bearward/testing'

const issuer = await createTestIssuer()
const revoked = revocation()
const server = createResourceServer({ ...issuer.options, revocation: revoked })
const token = await issuer.jwt({ sub: 'alice' })
const { subject } = await server.verify(token)
if (subject !== 'alice') throw new Error(`subject is ${subject}`)
await revoked.revoke({ sub: 'alice' })
const reason = await server.verify(token).then(
  () => 'accepted',
  (error) => error.reason,
)
if (reason !== 'revoked') throw new Error(`reason is ${reason}`)

console.log('all as expected')
