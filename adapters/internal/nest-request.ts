import type { IncomingMessage } from 'node:http'
import type { ExecutionContext } from '@nestjs/common'
import type { ResourceRequest } from 'bearward'
import { type NodeFrameworkRequest, NodeRequest } from './node-request.ts'

type FrameworkRequest = IncomingMessage & { readonly raw?: IncomingMessage }

/** One message to a gateway. Guard functions see the request that has opened the connection. */
const messages = new WeakMap<ExecutionContext, object>()

/**
 * What a guard decides about: an HTTP request, or one message to a gateway, with the request that has opened its connection.
 *
 * @param onFastify whether the framework's request is not Node's own
 * @throws {TypeError} for anything else, such as a message of a queue
 */
export function requestOf(context: ExecutionContext, onFastify: boolean): ResourceRequest<object> {
  const type = context.getType<string>()
  if (type === 'http') {
    const request = context.switchToHttp().getRequest<FrameworkRequest>()
    return new NodeRequest<FrameworkRequest>(request, onFastify ? (request.raw as IncomingMessage) : request)
  }
  if (type !== 'ws') throw new TypeError(UNSUPPORTED(type))
  const { request } = context.switchToWs().getClient<{ readonly request?: IncomingMessage }>()
  if (typeof request?.headers !== 'object') throw new TypeError(NO_REQUEST)
  // All guards of a message share a decision; the next message is decided again, because the token may have expired.
  const message = messages.get(context) ?? (Object.create(request) as object)
  messages.set(context, message)
  return new NodeRequest(message, request, request as NodeFrameworkRequest)
}

const UNSUPPORTED = (type: string): string =>
  `bearward: guards are for HTTP requests and messages to gateways, not for "${type}"; ` +
  'there, call verify(token) of the server that @Inject(RESOURCE_SERVER) injects'

const NO_REQUEST =
  'bearward: a client of this gateway has no request; add to the gateway: ' +
  'handleConnection(client, request) { client.request = request }'
