import { accessToken, requireScope } from '../../bearward'

export const GET = requireScope('read:orders')((request) =>
  Response.json({ orders: [], for: accessToken(request).subject }),
)
