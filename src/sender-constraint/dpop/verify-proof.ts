import { InvalidDpopProof, InvalidToken, UseDpopNonce } from '../../errors/errors.ts'
import { trimOptionalWhitespace } from '../../http/grammar.ts'
import type { JwsAlgorithm } from '../../jws/algorithms.ts'
import { splitCompact } from '../../jws/compact.ts'
import { textDigestOf } from '../../util/digest.ts'
import { decodeBase64url, decodeJsonObject } from '../../util/encoding.ts'
import { chain, type MaybePromise } from '../../util/maybe-promise.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'
import type { Nonces } from './nonce.ts'
import { type ProofClaims, readProofClaims } from './proof-claims.ts'
import { readProofHeader } from './proof-header.ts'
import { createProofKeys, type LoadedProofKey, loadProofKey, type ProofKey } from './proof-key.ts'
import type { ReplayGuard } from './replay-guard.ts'
import type { Targets } from './target-uri.ts'

/** What a proof must be like. */
export interface ProofSettings {
  /** Asymmetric ones that a proof may be signed with. */
  readonly algorithms: readonly JwsAlgorithm[]
  /** How long ago, at most, a proof may have been made. */
  readonly maxAge: Seconds
  /** How far, at most, its time may lie ahead of ours. */
  readonly clockTolerance: Seconds
  /** The most characters of a proof. */
  readonly maxBytes: number
  readonly targets: Targets
  readonly clock: () => NumericDate
  /** Nonces that are demanded, or `undefined` where none are. */
  readonly nonces: Nonces | undefined
  readonly replay: ReplayGuard
}

/** A request that brings a token which is bound to a key. */
export interface PresentedProof {
  /** The `DPoP` field lines in order, one element a line. */
  readonly lines: readonly string[]
  readonly method: string
  /** The request target as it was received. */
  readonly target: string
  /** The access token as it was presented, verified already. */
  readonly token: string
  /** The thumbprint of the key that the token is bound to (RFC 9449 §6.1). */
  readonly jkt: string
}

export interface ProofVerifier {
  /**
   * Returns if the request proves possession of the key, and throws otherwise. What costs little comes first; a proof
   * that is refused for any other reason is not recorded as used.
   *
   * @throws {InvalidDpopProof} whatever is wrong with the proof
   * @throws {UseDpopNonce} where a nonce is demanded and it has none that is good
   * @throws {InvalidToken} `confirmation`, where the token is bound to another key
   * @throws {Unavailable} `replay_unavailable`
   * @see RFC 9449 §4.3
   */
  verify(presented: PresentedProof): MaybePromise<void>
}

interface UnverifiedProof {
  readonly encodedHeader: string
  readonly key: ProofKey | LoadedProofKey
  readonly claims: ProofClaims
  readonly compact: string
  readonly signatureAt: number
  readonly signature: Uint8Array
}

export function createProofVerifier(settings: ProofSettings): ProofVerifier {
  const { targets, clock, nonces, replay } = settings
  const keys = createProofKeys()

  function read(lines: readonly string[]): UnverifiedProof {
    const compact = theOneProof(lines, settings.maxBytes)
    const parts = splitCompact(compact)
    if (!parts) throw new InvalidDpopProof('proof_malformed')
    const { header, payload, signatureAt } = parts
    const key = keys.find(header) ?? readProofHeader(header, settings.algorithms)
    const claims = decodeJsonObject(payload)
    const signature = decodeBase64url(parts.signature)
    if (!claims || !signature || signature.length === 0) throw new InvalidDpopProof('proof_malformed')
    return { encodedHeader: header, key, claims: readProofClaims(claims), compact, signatureAt, signature }
  }

  /** RFC 9449 §4.3 checks 8, 9, 11 */
  function checkOccasion(claims: ProofClaims, method: string, target: string): void {
    if (claims.htm !== method) throw new InvalidDpopProof('proof_method')
    if (!targets.matches(claims.htu, target)) throw new InvalidDpopProof('proof_target')
    const age = clock() - claims.iat
    // The other way round, a clock that is no number would let every time pass.
    if (!(age <= settings.maxAge && age >= -settings.clockTolerance)) throw new InvalidDpopProof('proof_time')
  }

  /** Check 10 */
  function checkNonce(nonce: unknown): MaybePromise<void> {
    if (!nonces) return undefined
    return chain(nonces.accepts(nonce), (accepted) => (accepted ? undefined : chain(nonces.current(), demand)))
  }

  /** Checks 6 and 12, the dear ones, and then the one that changes something (RFC 9449 §11.1). */
  function checkPossession(proof: UnverifiedProof, jkt: string): MaybePromise<void> {
    const { encodedHeader, key, claims, compact, signatureAt, signature } = proof
    return chain(loaded(key, jkt), (ready) =>
      chain(ready.verify({ algorithm: ready.algorithm, compact, signatureAt, signature }), (good) => {
        if (!good) throw new InvalidDpopProof('proof_signature')
        if (ready !== key) keys.keep(encodedHeader, ready)
        return chain(replay.firstUse(jkt, claims.jti), (first) => {
          if (!first) throw new InvalidDpopProof('proof_replayed')
        })
      }),
    )
  }

  return {
    verify({ lines, method, target, token, jkt }) {
      const proof = read(lines)
      checkOccasion(proof.claims, method, target)
      return chain(textDigestOf(token), (hash) => {
        if (proof.claims.ath !== hash) throw new InvalidDpopProof('proof_token')
        return chain(checkNonce(proof.claims.nonce), () => checkPossession(proof, jkt))
      })
    },
  }
}

const demand = (nonce: string): never => {
  throw new UseDpopNonce(nonce)
}

function loaded(key: ProofKey | LoadedProofKey, jkt: string): MaybePromise<LoadedProofKey> {
  if (!('verify' in key)) return loadProofKey(key, jkt)
  if (key.thumbprint !== jkt) throw new InvalidToken('confirmation')
  return key
}

/** RFC 9449 §4.3 check 1. A comma, which no proof holds, joins two lines (RFC 9110 §5.3). */
function theOneProof(lines: readonly string[], maxBytes: number): string {
  const [line] = lines
  if (line === undefined) throw new InvalidDpopProof('proof_missing')
  if (lines.length > 1) throw new InvalidDpopProof('several_proofs')
  // Before anything is looked at, so that no input costs more than its length.
  if (line.length > maxBytes) throw new InvalidDpopProof('proof_too_large')
  if (line.includes(',')) throw new InvalidDpopProof('several_proofs')
  return trimOptionalWhitespace(line)
}
