import type { RequestBody, RequestContent } from '../http-message.ts'
import { bytesIn } from '../util/bytes.ts'
import { Rejection } from './rejection.ts'

/** Characters. A token of the default limit fits, in a form as well. */
const MAX_BODY = 65_536

/** The text of a body that no parser has read, or that one has read as text or bytes. Its length is that of the token in it. */
export async function textOf({ body }: RequestContent): Promise<string | Rejection> {
  const text = decoded(await body(MAX_BODY))
  return typeof text === 'string' && text !== '' ? text : new Rejection('body')
}

/** The one value of a form parameter. */
export async function formValue({ body }: RequestContent, name: string): Promise<string | Rejection> {
  const content = decoded(await body(MAX_BODY))
  if (typeof content !== 'string') {
    const value =
      content && Object.hasOwn(content, name) ? (content as Readonly<Record<string, unknown>>)[name] : undefined
    return typeof value === 'string' && value !== '' ? value : new Rejection('body')
  }
  if (content.length > MAX_BODY) return new Rejection('too_large')
  const [value, another] = new URLSearchParams(content).getAll(name)
  return value && another === undefined ? value : new Rejection('body')
}

/** Text where a parser has left bytes. */
function decoded(body: RequestBody): unknown {
  const bytes = bytesIn(body)
  return bytes ? new TextDecoder().decode(bytes) : body
}
