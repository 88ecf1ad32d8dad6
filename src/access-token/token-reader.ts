import type { ClaimPath } from '../claims/claim-path.ts'
import { validateWithSchema } from '../claims/claims-schema.ts'
import { freezeClaims, freezeJson } from '../claims/freeze-claims.ts'
import type { StandardSchema } from '../claims/standard-schema.ts'
import { listClaim, numberClaim, stringClaim } from '../claims/typed-claims.ts'
import { Refusal } from '../errors/refusal.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { TokenData } from './access-token.ts'
import { authenticationOf } from './authentication.ts'
import { authorizationDetailsOf } from './authorization-details.ts'
import { confirmationOf } from './confirmation.ts'
import type { ScopeReader } from './scopes.ts'

/** Claims of a token that passed all checks, verified here or introspected. */
export interface ValidClaims {
  readonly format: TokenData['format']
  readonly claims: JsonObject
  /** The refusal of the profile `rfc9068`, if it is only reported. */
  readonly violation: Refusal | undefined
}

/** What a token needs of its issuer. */
export interface ClaimsIssuer {
  readonly name: string
  readonly scopeClaims: readonly ClaimPath[]
}

/** Creates the data of a token from its valid claims. */
export interface TokenReader {
  /** With the claims unchanged. */
  read(valid: ValidClaims, issuer: ClaimsIssuer): TokenData | Refusal
  /**
   * With the claims as the schema returns them, if there is one.
   *
   * @returns `immutable: false` if a handler could change the claims; then the token must not be cached
   */
  validate(
    valid: ValidClaims,
    issuer: ClaimsIssuer,
  ): Promise<{ readonly verified: TokenData; readonly immutable: boolean } | Refusal>
}

export function createTokenReader(schema: StandardSchema<unknown> | undefined, readScopes: ScopeReader): TokenReader {
  function read({ format, claims, violation }: ValidClaims, issuer: ClaimsIssuer): TokenData | Refusal {
    const confirmation = confirmationOf(claims)
    if (confirmation instanceof Refusal) return confirmation
    // A JWT is JSON; what a function of the application has introspected may be anything.
    if (format === 'jwt') freezeJson(claims)
    else freezeClaims(claims)
    const granted = readScopes(claims, issuer.scopeClaims)
    return Object.freeze({
      format,
      issuer: issuer.name,
      subject: stringClaim(claims, 'sub'),
      clientId: stringClaim(claims, 'client_id') ?? stringClaim(claims, 'azp'),
      audience: Object.freeze(listClaim(claims, 'aud') ?? []),
      scopes: granted.list,
      granted,
      tokenId: stringClaim(claims, 'jti'),
      sessionId: stringClaim(claims, 'sid'),
      issuedAt: numberClaim(claims, 'iat'),
      expiresAt: numberClaim(claims, 'exp'),
      confirmation,
      authentication: authenticationOf(claims),
      authorizationDetails: authorizationDetailsOf(claims),
      claims,
      violation,
    })
  }

  return {
    read,
    async validate(valid, issuer) {
      const plain = read(valid, issuer)
      if (plain instanceof Refusal) return plain
      if (!schema) return { verified: plain, immutable: true }
      // Last, so that a schema sees only tokens that are otherwise valid.
      const result = await validateWithSchema(schema, valid.claims)
      if (result instanceof Refusal) return result
      const { output } = result
      const immutable = output === valid.claims || freezeClaims(output)
      return { verified: Object.freeze({ ...plain, claims: output as Readonly<unknown> }), immutable }
    },
  }
}
