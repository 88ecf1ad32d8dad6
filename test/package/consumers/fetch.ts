import { resourceServer } from 'bearward/fetch'

const { requireScope, accessToken } = resourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
})

export const GET: (request: Request, context: { readonly id: string }) => Promise<Response> = requireScope(
  'read:orders',
)((request, { id }: { readonly id: string }) => {
  const subject: string | undefined = accessToken(request).subject
  return Response.json({ orders: [id], for: subject })
})

export async function check(request: Request): Promise<string | undefined> {
  const token = await requireScope('read:orders').check(request)
  return token instanceof Response ? undefined : token.subject
}

// @ts-expect-error: a misspelt scope.
requireScope('read:order')
