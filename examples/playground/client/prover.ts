import * as oauth from 'oauth4webapi'
import { PUBLIC_ORIGIN } from '../api/copies.ts'
import type { Presentation } from '../api/present.ts'
import type { Fact } from '../flow.ts'
import type { Applied, Possession } from './possession.ts'

const STOLEN = 'Stolen, the token is of no use without that key (RFC 9449 §7.2)'

const ATTEMPTS = {
  fresh: { label: 'a fresh one', by: 'client' },
  none: { label: 'none: a thief has the token only', by: 'attacker' },
  bearer: {
    label: 'none, and sent as a Bearer token',
    by: 'attacker',
    flaw: `The token names a key in its \`cnf\`, and was sent as if whoever bears it could use it: without a proof. ${STOLEN}.`,
  },
  foreign: {
    label: 'one by another key: a thief brings theirs',
    by: 'attacker',
    flaw: `The proof is in order, and signed with another key than the one in the token’s \`cnf\` (RFC 9449 §4.3). ${STOLEN}.`,
  },
  replayed: { label: 'the last one again: a thief has seen the request', by: 'attacker' },
  elsewhere: { label: 'one for another route', by: 'client' },
} as const satisfies Possession['attempts']

/** Has the key, and makes the proofs (RFC 9449 §4.2). */
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
    if (token === undefined || attempt === 'none') return { presentation, facts: [] }
    if (attempt === 'bearer')
      return { presentation: { ...presentation, token: { ...token, scheme: 'Bearer' } }, facts: [] }
    const proof = await this.#proof(attempt, route.method, new URL(route.path, PUBLIC_ORIGIN), token.value)
    // One that was refused was not used up; the next replay is of one that was meant well.
    if (attempt === 'fresh') this.#last = proof
    return { presentation: { ...presentation, proof }, facts: proofInWords(proof) }
  }

  async #proof(attempt: string, method: string, url: URL, token: string): Promise<string> {
    if (attempt === 'replayed' && this.#last !== undefined) return this.#last
    if (attempt === 'elsewhere') return proofBy(this.handle, 'DELETE', new URL('/elsewhere', url), token)
    return proofBy(attempt === 'foreign' ? this.#thief : this.handle, method, url, token)
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
