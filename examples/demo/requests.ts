import { setTimeout as sleep } from 'node:timers/promises'
import type { KeysState } from 'bearward'
import { CLERK, type Client, OTHER_RESOURCE, READER, VISITOR } from './clients.ts'
import type { Expected } from './expected.ts'
import { secondsLeft, unsigned, withMoreScope } from './jwt-parts.ts'
import type { ApiRequest } from './send.ts'
import type { Stage } from './stage.ts'

/** One line of the table: a request, its expected response, and the rule behind it. */
export interface Row {
  readonly what: string
  readonly decidedBy: string
  readonly expected: Expected
  request(stage: Stage): ApiRequest | Promise<ApiRequest>
  /** What happens first. */
  readonly before?: { readonly say: string; act(stage: Stage): Promise<void> }
  /** Seconds within which the response must become as expected; immediately if absent. */
  readonly withTimeout?: number
}

export interface Section {
  readonly title: string
  readonly rows: readonly Row[]
}

const get = (target: string, ...authorization: string[]): ApiRequest => ({ method: 'GET', target, authorization })
const post = (target: string, ...authorization: string[]): ApiRequest => ({ method: 'POST', target, authorization })

/** GET /orders with a client's token. */
const reading =
  (client: Client) =>
  async ({ wallet }: Stage) =>
    get('/orders', `Bearer ${await wallet.token(client)}`)

async function until(condition: () => boolean, { signal }: Stage): Promise<void> {
  while (!condition()) await sleep(50, undefined, { signal })
}

const allKeysAre = ({ apis }: Stage, status: KeysState['status']): boolean =>
  apis.every(({ server }) => server.state().issuers.every(({ keys }) => keys.status === status))

const requests: Section = {
  title: 'The request',
  rows: [
    {
      what: 'no token',
      decidedBy: 'RFC 6750 §3.1',
      expected: { status: 401, reason: 'no_credentials' },
      request: () => get('/orders'),
    },
    {
      what: 'good token',
      decidedBy: 'RFC 6750 §2.1',
      expected: { status: 200 },
      request: reading(READER),
    },
    {
      what: 'scheme in lower case',
      decidedBy: 'RFC 9110 §11.1',
      expected: { status: 200 },
      request: async ({ wallet }) => get('/orders', `bearer ${await wallet.token(READER)}`),
    },
    {
      what: 'token in the query string',
      decidedBy: 'RFC 9700 §4.3.2',
      expected: { status: 400, error: 'invalid_request', reason: 'query_token' },
      request: async ({ wallet }) => get(`/orders?access_token=${await wallet.token(READER)}`),
    },
    {
      what: 'two Authorization lines',
      decidedBy: 'RFC 9110 §5.3',
      expected: { status: 400, error: 'invalid_request', reason: 'several_credentials' },
      request: async ({ wallet }) => {
        const line = `Bearer ${await wallet.token(READER)}`
        return get('/orders', line, line)
      },
    },
    {
      what: 'Bearer, and no token after it',
      decidedBy: 'RFC 6750 §3.1',
      expected: { status: 400, error: 'invalid_request', reason: 'credentials_syntax' },
      request: () => get('/orders', 'Bearer'),
    },
    {
      what: 'GET /me without token',
      decidedBy: 'optionalAuth()',
      expected: { status: 200 },
      request: () => get('/me'),
    },
  ],
}

const tokens: Section = {
  title: 'The token',
  rows: [
    {
      what: 'POST, token may write',
      decidedBy: 'RFC 6750 §3.1',
      expected: { status: 201 },
      request: async ({ wallet }) => post('/orders', `Bearer ${await wallet.token(CLERK)}`),
    },
    {
      what: 'POST, token may only read',
      decidedBy: 'RFC 6750 §3.1',
      expected: { status: 403, error: 'insufficient_scope', reason: 'scope' },
      request: async ({ wallet }) => post('/orders', `Bearer ${await wallet.token(READER)}`),
    },
    {
      what: 'POST, tampered: scope added',
      decidedBy: 'RFC 7515 §5.2',
      expected: { status: 401, error: 'invalid_token', reason: 'signature' },
      request: async ({ wallet }) => post('/orders', `Bearer ${withMoreScope(await wallet.token(READER))}`),
    },
    {
      what: 'alg: none, signature left out',
      decidedBy: 'RFC 9068 §4',
      expected: { status: 401, error: 'invalid_token', reason: 'algorithm' },
      request: async ({ wallet }) => get('/orders', `Bearer ${unsigned(await wallet.token(READER))}`),
    },
    {
      what: 'token for another API',
      decidedBy: 'RFC 9068 §4',
      expected: { status: 401, error: 'invalid_token', reason: 'audience' },
      request: async ({ wallet }) => get('/orders', `Bearer ${await wallet.token(READER, OTHER_RESOURCE)}`),
    },
    {
      what: 'token that lives for 3 seconds',
      decidedBy: 'RFC 7519 §4.1.4',
      expected: { status: 200 },
      request: reading(VISITOR),
    },
    {
      what: 'the same token, expired',
      decidedBy: 'RFC 7519 §4.1.4',
      expected: { status: 401, error: 'invalid_token', reason: 'expired' },
      before: {
        say: 'Three seconds pass.',
        async act(stage) {
          const token = await stage.wallet.token(VISITOR)
          await until(() => secondsLeft(token) <= 0, stage)
        },
      },
      request: reading(VISITOR),
    },
    {
      what: 'GET /me, the same token',
      decidedBy: 'RFC 6750 §3.1',
      expected: { status: 401, error: 'invalid_token', reason: 'expired' },
      request: async ({ wallet }) => get('/me', `Bearer ${await wallet.token(VISITOR)}`),
    },
  ],
}

// The reader gets a token of the new key, while the clerk keeps the old one.
const keys: Section = {
  title: 'The keys',
  rows: [
    {
      what: 'next token, of the new key',
      decidedBy: 'OIDC Core §10.1.1',
      expected: { status: 200 },
      before: {
        say: 'The authorization server signs with a new key, and still publishes the old one.',
        act: ({ authorizationServer }) => authorizationServer.addKey(),
      },
      request: async ({ wallet }) => get('/orders', `Bearer ${await wallet.renew(READER)}`),
    },
    {
      what: 'earlier token, of the old key',
      decidedBy: 'OIDC Core §10.1.1',
      expected: { status: 200 },
      request: reading(CLERK),
    },
    {
      what: 'the same token',
      decidedBy: 'OIDC Core §10.1.1',
      expected: { status: 401, error: 'invalid_token', reason: 'unknown_key' },
      before: {
        say: 'The authorization server withdraws the old key. The APIs refuse it after their next refresh.',
        act: async ({ authorizationServer }) => authorizationServer.withdrawOldKeys(),
      },
      request: reading(CLERK),
      withTimeout: 5,
    },
  ],
}

const outage: Section = {
  title: 'The outage',
  rows: [
    {
      what: 'good token, keys are stale',
      decidedBy: 'RFC 5861 §4',
      expected: { status: 200 },
      before: {
        say: 'The authorization server stops. The cached keys of the APIs become stale.',
        async act(stage) {
          await stage.authorizationServer.stop()
          await until(() => allKeysAre(stage, 'stale'), stage)
        },
      },
      request: reading(READER),
    },
    {
      what: 'good token, keys are too old',
      decidedBy: 'RFC 9110 §15.6.4',
      expected: { status: 503, reason: 'keys_unavailable' },
      before: {
        say: 'The outage lasts longer than stale keys may be used.',
        act: (stage) => until(() => allKeysAre(stage, 'expired'), stage),
      },
      request: reading(READER),
    },
    {
      what: 'no token',
      decidedBy: 'RFC 6750 §3.1',
      expected: { status: 401, reason: 'no_credentials' },
      request: () => get('/orders'),
    },
    {
      what: 'good token',
      decidedBy: 'RFC 9110 §10.2.3',
      expected: { status: 200 },
      before: {
        say: 'The authorization server is back, and clients retry after Retry-After.',
        act: ({ authorizationServer }) => authorizationServer.start(),
      },
      request: reading(READER),
      withTimeout: 5,
    },
  ],
}

export const SECTIONS: readonly Section[] = [requests, tokens, keys, outage]
