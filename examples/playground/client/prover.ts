import * as oauth from 'oauth4webapi'
import { PUBLIC_ORIGIN } from '../api/copies.ts'
import type { Presentation } from '../api/present.ts'
import type { Detail } from '../flow.ts'
import type { Applied, Possession } from './possession.ts'

const STOLEN = 'A stolen token is useless without that key (RFC 9449 §7.2)'

const ATTEMPTS = {
  fresh: { label: 'a fresh one', by: 'client' },
  none: { label: 'none: a thief has only the token', by: 'attacker' },
  bearer: {
    label: 'none, and sent as a Bearer token',
    by: 'attacker',
    flaw: `The token is bound to a key by its \`cnf\`, but was sent as a bearer token, without a proof. ${STOLEN}.`,
  },
  foreign: {
    label: "one by another key: a thief's own",
    by: 'attacker',
    flaw: `The proof is valid, but signed with another key than the one in the token’s \`cnf\` (RFC 9449 §4.3). ${STOLEN}.`,
  },
  replayed: { label: 'the last one again: a thief has seen the request', by: 'attacker' },
  elsewhere: { label: 'one for another route', by: 'client' },
} as const satisfies Possession['attempts']

/** Has the key, and creates the proofs (RFC 9449 §4.2). */
export class Prover implements Possession {
  readonly legend = 'Proof'
  readonly attempts = ATTEMPTS
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

  async apply(attempt: string, presentation: Presentation): Promise<Applied> {
    const { token, route } = presentation
    if (token === undefined || attempt === 'none') return { presentation, details: [] }
    if (attempt === 'bearer')
      return { presentation: { ...presentation, token: { ...token, scheme: 'Bearer' } }, details: [] }
    const proof = await this.#proof(attempt, route.method, new URL(route.path, PUBLIC_ORIGIN), token.value)
    // Replays repeat only a fresh proof: a refused one was never used.
    if (attempt === 'fresh') this.#last = proof
    return { presentation: { ...presentation, proof }, details: proofInWords(proof) }
  }

  async #proof(attempt: string, method: string, url: URL, token: string): Promise<string> {
    if (attempt === 'replayed' && this.#last !== undefined) return this.#last
    if (attempt === 'elsewhere') return proofBy(this.handle, 'DELETE', new URL('/elsewhere', url), token)
    return proofBy(attempt === 'foreign' ? this.#thief : this.handle, method, url, token)
  }
}

/** The library creates a proof only for a request that it sends, so we intercept the request to take the proof. */
async function proofBy(handle: oauth.DPoPHandle, method: string, url: URL, token: string): Promise<string> {
  let proof: string | undefined
  await oauth.protectedResourceRequest(token, method, url, undefined, undefined, {
    DPoP: handle,
    [oauth.customFetch]: async (_url, { headers }) => {
      proof = headers.dpop
      return new Response()
    },
  })
  if (proof === undefined) throw new Error('oauth4webapi created no proof')
  return proof
}

const MEANING: Readonly<Record<string, string>> = {
  typ: 'marks it as a proof, so that it cannot be used as a token (RFC 9449 §4.2)',
  alg: 'the signature algorithm; a shared secret would prove nothing',
  jwk: 'the public key. Its thumbprint must be the one in the token’s `cnf` (RFC 9449 §6.1)',
  htm: 'the method of the request',
  htu: 'the public URL of the request',
  iat: 'when it was created; accepted for a minute',
  jti: 'its unique identifier, which the API stores to accept it only once (RFC 9449 §11.1)',
  ath: 'the hash of the access token',
}

/** Explains a proof, member by member. */
export function proofInWords(proof: string): Detail[] {
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
