import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Endpoint } from 'bearward'
import { contentOf } from './node-content.ts'
import { NodeRequest } from './node-request.ts'
import { writeResponse } from './node-response.ts'

/** A request of Node, with what routers and body parsers add to it. */
interface EndpointRequest extends IncomingMessage {
  readonly originalUrl?: string
  readonly body?: unknown
}

/** Responds for an endpoint. Resolves to whether that, or something else meanwhile, has responded. */
export async function serveEndpoint(
  endpoint: Endpoint,
  request: EndpointRequest,
  response: ServerResponse,
  content = contentOf(request, request.body),
): Promise<boolean> {
  const { method, target } = new NodeRequest(request, request)
  const document = await endpoint.respond(method, target, content)
  if (document) writeResponse(response, document)
  return document !== undefined || response.writableEnded
}
