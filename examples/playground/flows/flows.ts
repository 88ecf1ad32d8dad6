import type { Flow } from '../flow.ts'
import { clientCredentials } from './client-credentials.ts'
import { code } from './code.ts'
import { pkce } from './pkce.ts'

/** In the order in which they make sense to somebody new. */
export const FLOWS: readonly Flow[] = [code, pkce, clientCredentials]
