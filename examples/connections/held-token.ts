// The token of one open connection: it can be renewed, and it ends with its expiry, its revocation or the server.

import type { AccessToken, GuardLike, ResourceRequest, ResourceServer, TokenEnd } from 'bearward'

export interface HeldToken {
  /**
   * The token now, and `undefined` once it has ended. Then nothing may be sent or handled: a client that ignores the close
   * of a WebSocket can still send messages for a while.
   */
  readonly current: AccessToken | undefined
  /** Authenticates a new token with the guards of the connection, and replaces the current one. Whether it did. */
  renew(token: unknown): Promise<boolean>
  /** Replaces the current token by one that is authenticated already, if it is for the same user. Whether it did. */
  replace(token: AccessToken): boolean
  /** Call it when the connection is closed, by whichever side. */
  release(): void
}

/**
 * @param guards what the request that opened the connection had to satisfy, so that a renewal cannot do with less
 * @param end closes the connection
 */
export function holdToken(
  server: ResourceServer,
  token: AccessToken,
  guards: readonly GuardLike[],
  end: (why: TokenEnd) => void,
): HeldToken {
  let current: AccessToken | undefined = token
  let watch = server.watch(token, onEnd)

  function onEnd(why: TokenEnd): void {
    current = undefined
    end(why)
  }

  function replace(token: AccessToken): boolean {
    // Read after every wait: a connection that has ended meanwhile stays ended, and nothing watches it.
    if (!current || !isSameUser(token, current)) return false
    watch.stop()
    current = token
    watch = server.watch(token, onEnd)
    return true
  }

  return {
    get current() {
      return current
    },
    replace,
    async renew(token) {
      if (typeof token !== 'string') return false
      // Refused, or an outage: the old token is neither extended nor ended.
      const renewed = await server.authenticate(requestWith(token), guards).catch(() => undefined)
      return renewed !== undefined && replace(renewed)
    },
    release() {
      current = undefined
      watch.stop()
    },
  }
}

/** Two tokens without a subject are not of the same user: such a connection cannot be renewed. */
const isSameUser = (one: AccessToken, other: AccessToken): boolean =>
  one.subject !== undefined && one.subject === other.subject && one.issuer === other.issuer

/** A message has no method and no proof, so a token that is bound to a key (DPoP, mTLS) is refused. */
const requestWith = (token: string): ResourceRequest => ({
  native: {},
  method: 'GET',
  target: '/',
  authorization: [`Bearer ${token}`],
  contentType: undefined,
})
