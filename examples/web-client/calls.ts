import { isNetworkFailure } from './failures.ts'
import type { Grants } from './grants.ts'
import { Problem } from './problems.ts'

/** A request that the application sends to an API. */
export interface Call {
  readonly label: string
  readonly method: 'GET' | 'POST'
  readonly url: URL
}

export interface CallResult {
  readonly call: Call
  /** 0: the API did not respond. */
  readonly status: number
  readonly body: string
  /** The scopes that the API requires and the token lacks. */
  readonly missing: string | undefined
}

/** Seconds for a request to an API. */
const TIMEOUT = 10
/** Characters of a response that a page shows. */
const SHOWN = 2000

/** Calls an API for the user. After a 401 it tries once more, with a new token. */
export async function callApi(grants: Grants, id: string | undefined, call: Call): Promise<CallResult> {
  const { accessToken } = await grants.current(id)
  const first = await send(call, accessToken)
  if (first.status !== 401) return first
  // The clocks differ, or the API has learned of a revocation.
  const { accessToken: fresh } = await grants.current(id, accessToken)
  const second = await send(call, fresh)
  if (second.status === 401) throw new Problem('refused_by_api')
  return second
}

async function send(call: Call, token: string): Promise<CallResult> {
  try {
    const response = await fetch(call.url, {
      method: call.method,
      headers: { accept: 'application/json', authorization: `Bearer ${token}` },
      redirect: 'manual', // a token goes to no other address
      signal: AbortSignal.timeout(TIMEOUT * 1000),
    })
    const challenge = response.headers.get('www-authenticate') ?? ''
    const [, missing] = /error="insufficient_scope".*?scope="([\w:. -]*)"/.exec(challenge) ?? []
    const body = (await response.text()).slice(0, SHOWN)
    // An API that quotes our token must not get it onto a page.
    return { call, status: response.status, body: body.replaceAll(token, '…'), missing }
  } catch (thrown) {
    if (isNetworkFailure(thrown)) return { call, status: 0, body: '', missing: undefined }
    throw thrown
  }
}
