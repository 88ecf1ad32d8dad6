import { accessToken, requireScope } from '../../../bearward'

export const GET = requireScope('read:orders')(async (request, { params }: { params: Promise<{ id: string }> }) =>
  Response.json({ id: (await params).id, for: accessToken(request).subject }),
)
