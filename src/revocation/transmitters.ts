import { createSigner } from '../features/signer.ts'
import type { LocalVerifier } from '../issuers/local-verifier.ts'
import { createSharedState } from '../issuers/shared-state.ts'
import { keySetAt } from '../jwks/jwks-source.ts'
import type { KeySet } from '../jwks/types.ts'
import { createUpstream, createWatch } from '../upstream/client.ts'
import { jsonAt, parseJson } from '../upstream/fetch.ts'
import type { Closing } from '../upstream/shutdown.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { isObject } from '../util/encoding.ts'
import { isTransportSecure } from '../util/secure-url.ts'
import type { RevocationHost } from '../verifier/revocation.ts'
import type { TransmitterSettings } from './options.ts'
import { Rejection } from './rejection.ts'
import { configuredSigner, type Signer } from './security-token.ts'

/** Those who report security events. */
export interface Transmitters {
  /**
   * Checks the keys in the options, which otherwise the first event would find wrong.
   *
   * @throws {ConfigurationError}
   */
  attach(host: RevocationHost): void
  /** The issuers whose tokens a transmitter may revoke. */
  issuersOf(transmitter: string): readonly string[]
  /** Rejected after {@link close}. */
  signerOf(transmitter: string, host: RevocationHost): Promise<Signer | Rejection | undefined>
  close(host: RevocationHost): void
}

/** What one resource server verifies their events with: its own `fetch`, which ends with it. */
interface Verifiers {
  readonly byTransmitter: ReadonlyMap<string, LocalVerifier>
  readonly closing: { close(): void }
}

// Milliseconds, for each of two requests; the deadline of the key set is for both.
const DEADLINE = 3000

export function createTransmitters(named: ReadonlyMap<string, TransmitterSettings>): Transmitters {
  const attached = new Map<RevocationHost, Verifiers>()

  function verifiersFor(host: RevocationHost): Verifiers {
    const shared = createSharedState(named.size, false)
    const { closing } = shared
    const byTransmitter = new Map(
      [...named].map(([issuer, { keys = discoveredKeys(issuer, host, closing) }]) => {
        const option = `revocation.sharedSignals.issuers[${JSON.stringify(issuer)}]`
        return [issuer, createSigner({ issuer, keys }, option, host, shared)]
      }),
    )
    return { byTransmitter, closing }
  }

  return {
    attach: (host) => void attached.set(host, verifiersFor(host)),
    issuersOf: (transmitter) => named.get(transmitter)?.issuers ?? [transmitter],
    async signerOf(transmitter, host) {
      const settings = named.get(transmitter)
      const configured = settings?.keys === undefined ? await configuredSigner(transmitter, host) : undefined
      if (configured || !settings) return configured
      const verifier = attached.get(host)?.byTransmitter.get(transmitter)
      if (!verifier) return new Rejection('unavailable')
      return { clockTolerance: verifier.clockTolerance, verify: (jwt) => verifier.verifySignature(jwt) }
    },
    close(host) {
      attached.get(host)?.closing.close()
      attached.delete(host)
    },
  }
}

/** The keys that the metadata of a transmitter names (Shared Signals Framework 1.0 §7). */
function discoveredKeys(transmitter: string, { fetch, limits, events }: RevocationHost, closing: Closing): KeySet {
  const bounds = { fetch, maxBytes: limits.keySet, deadline: DEADLINE, closing }
  const upstream = createUpstream(bounds, createWatch(transmitter, events))
  const { origin, pathname } = new URL(transmitter)
  const url = `${origin}/.well-known/ssf-configuration${pathname === '/' ? '' : pathname}`
  const metadata = { ...jsonAt(url), read: (text: string) => keysNamedBy(parseJson(text), transmitter) }
  return {
    async load() {
      const { json } = await upstream('keys', keySetAt(await upstream('discovery', metadata), false))
      return json as Awaited<ReturnType<KeySet['load']>>
    },
  }
}

function keysNamedBy(metadata: unknown, transmitter: string): string {
  // Otherwise any server could supply its keys.
  if (!isObject(metadata) || metadata.issuer !== transmitter)
    throw new UpstreamError('issuer_mismatch', 'the metadata of the transmitter names another issuer')
  const { jwks_uri: keys } = metadata
  if (typeof keys !== 'string' || !URL.canParse(keys))
    throw new UpstreamError('shape', 'the metadata of the transmitter has no jwks_uri')
  if (!isTransportSecure(keys, { issuer: transmitter, plainHttpOrigins: [] }))
    throw new UpstreamError('insecure_url', 'the jwks_uri of the transmitter is not https')
  return keys
}
