import type { Flow } from '../flow.ts'
import { clientCredentials } from './client-credentials.ts'
import { code } from './code.ts'
import { device } from './device.ts'
import { dpop } from './dpop.ts'
import { errors } from './errors.ts'
import { mtls } from './mtls.ts'
import { opaque } from './opaque.ts'
import { pkce } from './pkce.ts'
import { refresh } from './refresh.ts'
import { signOut } from './sign-out.ts'
import { stay } from './stay.ts'

/** In the order that makes sense to a newcomer. */
export const FLOWS: readonly Flow[] = [
  pkce,
  stay,
  signOut,
  refresh,
  clientCredentials,
  device,
  code,
  opaque,
  dpop,
  mtls,
  errors,
]
