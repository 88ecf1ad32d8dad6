import { createHash } from 'node:crypto'
import type { JwsAlgorithm } from 'bearward'
import { describe, expect, it, vi } from 'vitest'
import { signatureEngine } from '../../src/jws/default-engine.ts'
import type { ProofSettings } from '../../src/sender-constraint/dpop/verify-proof.ts'
import { CHECKS_POINTS } from '../support/apps/runtime.ts'
import { type Client, createClient, NOW, outcomeOf, settingsWith } from './dpop/kit.ts'

// A runtime without Node's modules: the package looks for them when it is loaded, or when a server is created.
const { restore } = vi.hoisted(() => {
  const { getBuiltinModule } = process
  Object.assign(process, { getBuiltinModule: undefined })
  return { restore: () => Object.assign(process, { getBuiltinModule }) }
})
const { createProofVerifier } = await import('../../src/sender-constraint/dpop/verify-proof.ts')
const { createNonces } = await import('../../src/sender-constraint/dpop/nonce.ts')
const { createReplayGuard } = await import('../../src/sender-constraint/dpop/replay-guard.ts')
const { thumbprintOf } = await import('../../src/sender-constraint/mtls/thumbprint.ts')
const settings = { secret: new Uint8Array(32).fill(1), rotate: 300, clock: () => NOW }
const portable = createNonces(settings)
restore()
const ofNode = createNonces(settings)

const events = { wants: () => false, emit: () => undefined }
const replay = () => createReplayGuard({ window: 75, max: 10, store: undefined, onStoreFailure: 'refuse' }, events)

const verifierWith = (changes: Partial<ProofSettings> = {}) =>
  createProofVerifier(settingsWith({ replay: replay(), ...changes }))

describe('where the runtime has only WebCrypto', () => {
  it('the portable engine is used', () => {
    expect(signatureEngine.name).toBe('web')
  })

  it.each(['ES256', 'Ed25519', 'RS256', 'PS256'] as const)(
    'proofs with %s are checked alike',
    async (algorithm: JwsAlgorithm) => {
      const client = await createClient(algorithm)
      const verifier = verifierWith()
      const proof = await client.prove()
      expect(await outcomeOf(client, proof, {}, verifier)).toBe('good')
      expect(await outcomeOf(client, proof, {}, verifier)).toBe('proof_replayed')
      expect(await outcomeOf(client, `${proof.slice(0, -8)}AAAAAAAA`, {}, verifier)).toBe('proof_signature')
      expect(await outcomeOf(client, await client.prove(), { token: 'another' }, verifier)).toBe('proof_token')
      expect(await outcomeOf(client, await client.prove(), { jkt: 'x'.repeat(43) }, verifier)).toBe('confirmation')
    },
  )

  it('a key whose point is not on the curve is refused', async () => {
    const client: Client = await createClient()
    const { calculateJwkThumbprint } = await import('jose')
    const jwk = { ...client.jwk, y: client.jwk.x as string }
    const jkt = await calculateJwkThumbprint(jwk)
    const proof = await client.prove({ header: { jwk } })
    expect(await outcomeOf(client, proof, { jkt }, verifierWith())).toBe(
      CHECKS_POINTS ? 'proof_key' : 'proof_signature',
    )
  })

  it('nonces are the same as in other processes', async () => {
    expect(await portable.current()).toBe(await ofNode.current())
    expect(await portable.accepts(await ofNode.current())).toBe(true)
    expect(await portable.accepts('made-up')).toBe(false)
    const client = await createClient()
    const verifier = verifierWith({ nonces: portable })
    expect(await outcomeOf(client, await client.prove(), {}, verifier)).toBe('proof_nonce')
    const nonce = await ofNode.current()
    expect(await outcomeOf(client, await client.prove({ claims: { nonce } }), {}, verifier)).toBe('good')
  })

  it('the thumbprint of a certificate is the same (RFC 8705 §3.1)', async () => {
    const der = Uint8Array.from({ length: 600 }, (_, at) => at % 256)
    // A view into a larger buffer, as sockets return them.
    const view = Buffer.concat([Buffer.from('x'), der]).subarray(1)
    const thumbprint = createHash('sha256').update(der).digest('base64url')
    expect([await thumbprintOf(der), await thumbprintOf(view)]).toEqual([thumbprint, thumbprint])
  })
})
