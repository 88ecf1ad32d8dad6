import type { SignatureEngine } from './engine.ts'
import { createNodeEngine } from './node-engine.ts'
import { webEngine } from './web-engine.ts'

// Why: docs/decisions/signatures.md

/**
 * Node's one-shot verification if the runtime has it: synchronous, and two to three times cheaper than WebCrypto.
 * Otherwise, and for algorithms it lacks, jose verifies.
 */
export const signatureEngine: SignatureEngine = createNodeEngine(webEngine) ?? webEngine
