import { createResourceServer } from 'bearward'
import { collect } from 'bearward/prometheus'
import { register } from 'prom-client'
import { issuer, keys, resource } from './token.mjs'

const server = createResourceServer({ resource, issuer: { issuer, keys } })
collect(server)
await server.authenticate({ native: {}, method: 'GET', target: '/', authorization: [] }).catch(() => undefined)
const text = await register.metrics()
if (!/^bearward_decisions_total\{.*reason="no_credentials".*\} 1$/m.test(text)) throw new Error(text)

console.log('all as expected')
