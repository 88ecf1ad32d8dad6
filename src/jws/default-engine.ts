import type { SignatureEngine } from './engine.ts'
import { createNodeEngine } from './node-engine.ts'
import { webEngine } from './web-engine.ts'

/**
 * Node's one-shot verification where the runtime has it: synchronous, and two to three times cheaper than WebCrypto.
 * Everywhere else, and for algorithms it lacks, jose does the work.
 */
export const signatureEngine: SignatureEngine = createNodeEngine(webEngine) ?? webEngine
