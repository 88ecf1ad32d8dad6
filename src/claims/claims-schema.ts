import { invalidToken, type Refusal } from '../errors/refusal.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { StandardSchema } from './standard-schema.ts'

/** The claims as the schema returns them. The token is refused if they fail the schema, or if the schema throws. */
export async function validateWithSchema(
  schema: StandardSchema<unknown>,
  claims: JsonObject,
): Promise<{ readonly output: unknown } | Refusal> {
  try {
    const result = await schema['~standard'].validate(claims)
    return result.issues ? invalidToken('claims', { cause: result.issues }) : { output: result.value }
  } catch (cause) {
    return invalidToken('claims', { cause })
  }
}
