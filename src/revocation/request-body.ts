import type { RequestContent } from '../http-message.ts'
import { Rejection } from './rejection.ts'

/** Characters. A token of the default limit fits, in a form as well. */
const MAX_BODY = 65_536

/** The text of a body that no parser has read, or that one has read as text or bytes. */
export async function textOf({ body }: RequestContent): Promise<string | Rejection> {
  const content = await body(MAX_BODY)
  const text = content instanceof Uint8Array ? new TextDecoder().decode(content) : content
  if (typeof text !== 'string' || text === '') return new Rejection('body')
  return text.length > MAX_BODY ? new Rejection('too_large') : text
}

/** The one value of a form parameter. */
export async function formValue({ body }: RequestContent, name: string): Promise<string | Rejection> {
  const content = await body(MAX_BODY)
  const isText = typeof content === 'string' || content instanceof Uint8Array
  if (!isText) {
    const value =
      content && Object.hasOwn(content, name) ? (content as Readonly<Record<string, unknown>>)[name] : undefined
    return typeof value === 'string' && value !== '' ? value : new Rejection('body')
  }
  const text = typeof content === 'string' ? content : new TextDecoder().decode(content)
  if (text.length > MAX_BODY) return new Rejection('too_large')
  const [value, another] = new URLSearchParams(text).getAll(name)
  return value && another === undefined ? value : new Rejection('body')
}

/** The media type without parameters, in lower case. */
export const mediaTypeOf = ({ contentType = '' }: RequestContent): string =>
  (contentType.split(';', 1)[0] as string).trim().toLowerCase()
