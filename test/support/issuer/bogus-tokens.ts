import { RESOURCE } from './issuer.ts'

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const NO_SIGNATURE = Buffer.alloc(64).toString('base64url')

/** Creates tokens that are valid except for their key: cheap enough for a hundred thousand of them. */
export function bogusTokens(issuer: string, alg = 'ES256'): (kid: string) => string {
  const now = Math.floor(Date.now() / 1000)
  const claims = part({ iss: issuer, aud: RESOURCE, sub: 'user-1', iat: now, exp: now + 300 })
  return (kid) => `${part({ alg, kid, typ: 'at+jwt' })}.${claims}.${NO_SIGNATURE}`
}
