import { createResourceServer } from 'bearward'
import fc from 'fast-check'
import { changedText } from '../arbitraries.ts'
import { outcomeOf, type Target } from '../target.ts'
import { ISSUER, json, NOW, RESOURCE, SMALL_CACHES } from '../tokens.ts'

const TOKEN = 'opaque-token'

function serverWith(store: Map<string, string>, isActive: boolean) {
  return createResourceServer({
    resource: RESOURCE,
    issuer: {
      issuer: ISSUER,
      introspection: {
        endpoint: `${ISSUER}/introspect`,
        client: { method: 'client_secret_basic', clientId: 'api', clientSecret: 'secret' },
      },
    },
    stores: { introspection: store, secret: 's'.repeat(32) },
    clock: () => NOW,
    cacheSize: SMALL_CACHES,
    fetch: async () => json({ active: isActive, aud: RESOURCE, exp: NOW + 300 }),
  })
}

/** The record that a server writes for an active token. */
async function realRecord(): Promise<readonly [key: string, text: string]> {
  const store = new Map<string, string>()
  const server = serverWith(store, true)
  await server.verify(TOKEN)
  while (store.size === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  server.close()
  return [...store][0] as [string, string]
}
const [key, record] = await realRecord()

/** Records of the shared store, changed by someone without the secret. The issuer calls the token inactive. */
export const records: Target<string> = {
  name: 'store records',
  input: fc.oneof(
    changedText(record),
    fc.constant(record),
    changedText(record).map((text) => text.replace(/^[^.]*/, 'v2')),
    fc.json(),
  ),
  send(text) {
    const server = serverWith(new Map([[key, text]]), false)
    return outcomeOf(() => server.verify(TOKEN), text === record).finally(() => server.close())
  },
}
