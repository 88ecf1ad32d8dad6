import { createResourceServer } from 'bearward'
import fc from 'fast-check'
import { changedText } from '../arbitraries.ts'
import { outcomeOf, type Target } from '../target.ts'
import { CLAIMS, compact, HEADER, ISSUER, key, NOW, RESOURCE } from '../tokens.ts'

const server = createResourceServer({
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: { keys: [key.jwk] } },
  clock: () => NOW,
})
const token = compact(HEADER, CLAIMS, key)

interface Input {
  readonly lines: readonly string[]
  readonly target: string
}

/** Lines of `Authorization`, and request targets. */
export const requests: Target<Input> = {
  name: 'requests',
  input: fc.record({
    lines: fc.array(fc.oneof(fc.constant(`Bearer ${token}`), changedText(`Bearer ${token}`)), { maxLength: 3 }),
    target: fc.oneof(
      fc.constant('/orders'),
      changedText('/orders?page=1&sort=date'),
      changedText(`/orders?access_token=${token}`),
      changedText('https://api.example.com/orders?access%5Ftoken=x'),
    ),
  }),
  send: ({ lines, target }) =>
    outcomeOf(
      () => server.authenticate({ native: {}, method: 'GET', target, authorization: lines, contentType: undefined }),
      lines.length === 1 && isOneToken(lines[0] as string) && !namesToken(target),
    ),
}

/** RFC 6750 §2.1: the scheme in any case, white space, the token. RFC 9110 §5.5: around a value, white space is not part of it. */
const isOneToken = (line: string): boolean =>
  line.replaceAll(/^[ \t]+|[ \t]+$/g, '').replace(/^bearer[ \t]+/i, '') === token && /^\s*bearer/i.test(line)

/** RFC 6750 §2.3, in any percent-encoding. */
function namesToken(target: string): boolean {
  const query = target.split('#')[0]?.split('?').slice(1).join('?') ?? ''
  return new URLSearchParams(query).has('access_token')
}
