import { randomBytes } from 'node:crypto'
import { SCOPE } from './issuer.mjs'

const randomText = (/** @type {number} */ bytes) => randomBytes(bytes).toString('base64url')

// The claims of a small access token. Larger ones add groups.
const FRUGAL = { client_id: undefined, sub: 'u', scope: SCOPE, iat: undefined }
const FRUGAL_HEADER = { typ: undefined, kid: undefined }
const GROUPS = Array.from({ length: 200 }, () => randomText(24))
const GROUP_SIZE = ((GROUPS[0].length + 3) * 4) / 3 // quotes and comma, and then base64url

/**
 * A valid token of about `size` characters, at least 270.
 *
 * @param {import('./issuer.mjs').Issuer} issuer
 * @param {number} size
 */
export function sizedToken(issuer, size) {
  const sign = (/** @type {object} */ more) => issuer.sign({ ...FRUGAL, jti: randomText(6), ...more }, FRUGAL_HEADER)
  const room = size - sign({}).length - 20
  return room < GROUP_SIZE ? sign({}) : sign({ groups: GROUPS.slice(0, Math.floor(room / GROUP_SIZE)) })
}
