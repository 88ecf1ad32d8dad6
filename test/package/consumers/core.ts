import { type AccessToken, createResourceServer, scope } from 'bearward'
import { keycloak } from 'bearward/providers'

const server = createResourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
})

export const guard = scope('read:orders')

export async function subjectOf(token: string): Promise<string | undefined> {
  const verified = await server.verify(token)
  verified.hasScope('read:orders')
  // @ts-expect-error: a misspelt scope. It also proves that the types are not `any`.
  verified.hasScope('read:order')
  // @ts-expect-error: claims are unknown without a schema.
  verified.claims.email.length
  const plain: AccessToken = verified
  return plain.subject
}

createResourceServer({
  resource: 'https://api.example.com',
  issuer: keycloak({ url: 'https://sso.example.com', realm: 'shop' }),
})

// @ts-expect-error: the issuer is missing.
createResourceServer({ resource: 'https://api.example.com' })
