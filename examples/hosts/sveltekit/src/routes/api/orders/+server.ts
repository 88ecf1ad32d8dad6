import type { RequestHandler } from './$types'

export const GET: RequestHandler = ({ locals }) => Response.json({ orders: [], for: locals.token.subject })
