import { InvalidToken } from '../errors/errors.ts'
import type { JsonObject } from '../util/encoding.ts'
import { attempt, chain, type MaybePromise } from '../util/maybe-promise.ts'
import type { StandardSchema } from './standard-schema.ts'

/** The claims as the schema returns them, or as they are where there is none. Claims that fail it are a bad token. */
export function validateClaims(schema: StandardSchema<unknown> | undefined, claims: JsonObject): MaybePromise<unknown> {
  if (!schema) return claims
  const result = attempt(
    () => schema['~standard'].validate(claims),
    (cause) => {
      // A schema that throws instead of answering has not accepted the claims either.
      throw new InvalidToken('claims', { cause })
    },
  )
  return chain(result, (outcome) => {
    if (outcome.issues) throw new InvalidToken('claims', { cause: outcome.issues })
    return outcome.value
  })
}
