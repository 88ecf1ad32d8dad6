import { invalidToken, type Refusal } from '../errors/refusal.ts'
import { isObject, type JsonObject } from '../util/encoding.ts'
import type { StandardSchema } from './standard-schema.ts'

/**
 * The claims as the schema returns them. The token is refused if they fail the schema, or if the schema throws.
 *
 * @throws {TypeError} a result that is not one of Standard Schema: `false` or `{ success: false }` must not pass for success
 */
export async function validateWithSchema(
  schema: StandardSchema<unknown>,
  claims: JsonObject,
): Promise<{ readonly output: unknown } | Refusal> {
  let result: unknown
  try {
    result = await schema['~standard'].validate(claims)
  } catch (cause) {
    return invalidToken('claims', { cause })
  }
  const { issues } = isObject(result) ? result : {}
  if (Array.isArray(issues)) return invalidToken('claims', { cause: issues })
  if (!isObject(result) || issues !== undefined || !('value' in result)) throw new TypeError(NO_RESULT)
  return { output: result.value }
}

const NO_RESULT = 'bearward: the claims schema must return { value } or { issues: [...] }, as Standard Schema requires'
