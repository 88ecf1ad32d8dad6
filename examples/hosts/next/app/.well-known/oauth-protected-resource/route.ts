import { serveMetadata } from '../../bearward'

export const GET = async (request: Request) => (await serveMetadata(request)) ?? new Response(null, { status: 404 })
