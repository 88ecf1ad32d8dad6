import type { IncomingMessage } from 'node:http'
import type { RequestBody, RequestContent } from 'bearward'
import { fieldLines } from './node-message.ts'

/** @param parsed what a body parser may have made of the body */
export const contentOf = (message: IncomingMessage, parsed: unknown): RequestContent => ({
  authorization: fieldLines('authorization', message.headers.authorization, message),
  contentType: message.headers['content-type'],
  async body(limit) {
    // Some parsers make an empty object of a body that they leave alone.
    if (isBody(parsed)) return parsed as RequestBody
    if (!message.readableDidRead) return readText(message, limit)
    // Otherwise what the authorization server sent, such as a logout, would be lost without a trace.
    if (parsed === undefined) throw new Error(BODY_READ)
    return parsed as RequestBody
  },
})

const BODY_READ = 'bearward: an endpoint must be mounted before what reads the body without leaving it in request.body'

const isBody = (parsed: unknown): boolean =>
  typeof parsed === 'string' ||
  Object.prototype.toString.call(parsed) === '[object ArrayBuffer]' || // of whatever realm
  (typeof parsed === 'object' && parsed !== null && Object.keys(parsed).length > 0)

/**
 * At most a little more than the limit; `undefined` if the sender has not sent all of it. The rest is discarded: Node does
 * so only with bodies that nothing has read, and the next request on the connection would wait for it.
 */
export async function readText(message: IncomingMessage, limit: number): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of message.iterator({ destroyOnReturn: false })) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      if (text.length > limit) break
    }
    message.resume()
  } catch (thrown) {
    // The connection has ended. Anyone can do that, so it is no error of the application, which would be logged. Errors of
    // Node's streams have a code; those of an imitation that cannot be read have none.
    if (message.destroyed || (thrown as { code?: unknown }).code !== undefined) return undefined
    throw thrown
  }
  return text + decoder.decode()
}
