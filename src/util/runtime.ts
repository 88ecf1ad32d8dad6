// The core uses Web APIs. Where the runtime also has Node's built-in modules (Node, Bun, Deno, Workers with node
// compatibility), a few of them are faster. They are loaded without an import, so that bundles for browsers and the edge
// never fail to resolve them.

export interface NodeKeyObject {
  readonly asymmetricKeyType?: string
  export?(encoding: { type: 'spki'; format: 'der' }): Uint8Array
}

export interface NodeCrypto {
  createPublicKey(
    input: { key: object; format: 'jwk' } | { key: Uint8Array; format: 'der'; type: 'spki' },
  ): NodeKeyObject
  verify(
    digest: string | null,
    data: Uint8Array,
    key: { key: NodeKeyObject; padding?: number; saltLength?: number; dsaEncoding?: 'ieee-p1363' },
    signature: Uint8Array,
  ): boolean
  /** One-shot digest; Node 20.12 and newer. */
  hash?(algorithm: 'sha256', data: string | Uint8Array, encoding: 'latin1' | 'base64url'): string
  createHmac?(algorithm: 'sha256', secret: Uint8Array): NodeHmac
  readonly constants: { readonly RSA_PKCS1_PADDING: number; readonly RSA_PKCS1_PSS_PADDING: number }
}

export interface NodeHmac {
  update(data: string | Uint8Array): { digest(encoding: 'base64url'): string }
}

export type NodeEncoding = 'base64url' | 'base64' | 'latin1' | 'utf8'

export interface NodeBuffer extends Uint8Array {
  toString(encoding?: NodeEncoding, start?: number, end?: number): string
  /** @returns the number of bytes written */
  write(text: string, encoding: NodeEncoding): number
}

interface NodeBuffers {
  from(text: string, encoding: NodeEncoding): NodeBuffer
  allocUnsafeSlow(size: number): NodeBuffer
}

export interface NodeChannel {
  readonly hasSubscribers: boolean
  publish(message: unknown): void
}

interface Builtins {
  'node:crypto': NodeCrypto
  'node:diagnostics_channel': { channel(name: string): NodeChannel }
  'node:buffer': { Buffer: NodeBuffers }
}

interface ProcessLike {
  process?: { getBuiltinModule?: (name: string) => unknown }
}

/** A built-in module of Node, or `undefined` if the runtime does not have it. */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  try {
    return (globalThis as ProcessLike).process?.getBuiltinModule?.(name) as Builtins[Name] | undefined
  } catch {
    return undefined // a runtime with the function but without this module
  }
}

// Why: docs/decisions/clocks.md

/** Milliseconds on a monotonic clock: freshness and back-off must not depend on the wall clock. */
export function monotonicNow(): number {
  return performance.now()
}
