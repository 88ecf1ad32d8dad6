import * as oauth from 'oauth4webapi'
import type { Fact } from '../flow.ts'

/** How a bound token is presented: by its owner, or by somebody who has stolen a part of it. */
export const PROOFS = {
  fresh: 'a fresh one',
  none: 'none: a thief has the token only',
  bearer: 'none, and sent as a Bearer token',
  foreign: 'one by another key: a thief brings theirs',
  replayed: 'the last one again: a thief has seen the request',
  elsewhere: 'one for another route',
} as const

export type ProofKind = keyof typeof PROOFS

export const isProofKind = (value: unknown): value is ProofKind =>
  typeof value === 'string' && Object.hasOwn(PROOFS, value)

export interface Proven {
  readonly scheme: 'Bearer' | 'DPoP'
  readonly proof?: string
  readonly facts: readonly Fact[]
}

/** Has the key, and makes the proofs (RFC 9449 §4.2). */
export class Prover {
  readonly handle: oauth.DPoPHandle
  readonly #thief: oauth.DPoPHandle
  #last: string | undefined

  private constructor(handle: oauth.DPoPHandle, thief: oauth.DPoPHandle) {
    this.handle = handle
    this.#thief = thief
  }

  static async create(): Promise<Prover> {
    const [owner, thief] = await Promise.all([oauth.generateKeyPair('ES256'), oauth.generateKeyPair('ES256')])
    return new Prover(oauth.DPoP({}, owner), oauth.DPoP({}, thief))
  }

  async prove(kind: ProofKind, method: string, url: URL, token: string): Promise<Proven> {
    if (kind === 'bearer') return { scheme: 'Bearer', facts: [] }
    if (kind === 'none') return { scheme: 'DPoP', facts: [] }
    const proof = await this.#proof(kind, method, url, token)
    // One that was refused was not used up; the next replay is of one that was meant well.
    if (kind === 'fresh') this.#last = proof
    return { scheme: 'DPoP', proof, facts: proofInWords(proof) }
  }

  async #proof(kind: ProofKind, method: string, url: URL, token: string): Promise<string> {
    if (kind === 'replayed' && this.#last !== undefined) return this.#last
    if (kind === 'elsewhere') return proofBy(this.handle, 'DELETE', new URL('/elsewhere', url), token)
    return proofBy(kind === 'foreign' ? this.#thief : this.handle, method, url, token)
  }
}

/** The library makes a proof where it sends a request. It goes no further than to us, who send it to a copy of the API. */
async function proofBy(handle: oauth.DPoPHandle, method: string, url: URL, token: string): Promise<string> {
  let proof: string | undefined
  await oauth.protectedResourceRequest(token, method, url, undefined, undefined, {
    DPoP: handle,
    [oauth.customFetch]: async (_url, { headers }) => {
      proof = headers.dpop
      return new Response()
    },
  })
  if (proof === undefined) throw new Error('oauth4webapi made no proof')
  return proof
}

const MEANING: Readonly<Record<string, string>> = {
  typ: 'says that this is a proof, so that it cannot pass for a token (RFC 9449 §4.2)',
  alg: 'how it is signed; a shared secret would prove nothing',
  jwk: 'the public key. Its thumbprint has to be the one in the `cnf` of the token (RFC 9449 §6.1)',
  htm: 'for this method only',
  htu: 'and for this address: the one the API has for the world',
  iat: 'made at this moment; good for a minute',
  jti: 'a name of its own, which the API remembers: so it counts once (RFC 9449 §11.1)',
  ath: 'the hash of the token it goes with',
}

/** A proof, member by member. */
export function proofInWords(proof: string): Fact[] {
  return proof
    .split('.')
    .slice(0, 2)
    .flatMap((part) => Object.entries(JSON.parse(Buffer.from(part, 'base64url').toString()) as object))
    .map(([name, value]) => ({
      name,
      value: typeof value === 'string' ? value : JSON.stringify(value),
      meaning: MEANING[name] ?? '',
    }))
}
