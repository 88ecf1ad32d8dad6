import { ConfigurationError, createResourceServer, type JwsAlgorithm, type ResourceServer } from 'bearward'
import { type ApiWord, askApi } from './api.ts'
import { showChallenge } from './challenge.ts'
import { evaluateClock } from './clock.ts'
import { lookForMetadata } from './discovery.ts'
import { type Finding, note, problem } from './finding.ts'
import { tryIntrospection } from './introspection.ts'
import { lookAtKeys, unusable } from './keys.ts'
import { type ObservedFetch, observedFetch } from './observed-fetch.ts'
import { tryToken } from './token.ts'

/** A set-up to look at. */
export interface Target {
  readonly issuer: string
  readonly resource: string
  readonly internalUrl: string | undefined
  readonly scopes: readonly string[]
  readonly client:
    | {
        readonly method: 'client_secret_basic' | 'client_secret_post'
        readonly clientId: string
        readonly clientSecret: string
      }
    | undefined
  readonly token: string | undefined
  /** A place of the API, running, that needs a token. */
  readonly api: string | undefined
}

/**
 * Sets up a resource server and has it do what it does, with somebody looking on.
 *
 * @param tell called with what is going on, while it does
 */
export async function runChecks(target: Target, tell: (what: string) => void): Promise<readonly Finding[]> {
  const observed = observedFetch(tell)
  let server: ResourceServer
  try {
    server = serverFor(target, observed, BOUND)
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) return [problem('options', thrown.message, 'correct that option')]
    throw thrown
  }
  try {
    return await findings(target, server, observed, tell)
  } finally {
    server.close()
  }
}

/** It knows how tokens are bound, so as to tell of a token what it is bound to. */
const BOUND = { dpop: 'accept', mtls: 'accept' } as const

function serverFor(
  { issuer, resource, internalUrl, client }: Target,
  { fetch }: ObservedFetch,
  bindings: Partial<typeof BOUND> = {},
): ResourceServer {
  return createResourceServer({
    ...bindings,
    resource,
    issuer: {
      issuer,
      ...(internalUrl !== undefined && { internalUrl }),
      ...(client && { introspection: { client } }),
    },
    fetch,
  })
}

async function findings(
  target: Target,
  server: ResourceServer,
  observed: ObservedFetch,
  tell: (what: string) => void,
): Promise<readonly Finding[]> {
  const { issuer, resource, internalUrl, token, client, api } = target
  const discovered = await lookForMetadata(issuer, internalUrl, observed)
  const found = [...discovered.findings]
  // Where there is no metadata, everything else would fail for that reason, and say so again.
  if (discovered.metadata) {
    found.push(...(await keysOf(discovered.metadata, target, server, observed)))
    found.push(
      client
        ? await tryIntrospection(server, observed)
        : note('introspection', 'not tried: for opaque tokens, give --client-id and --client-secret-env'),
    )
    const issuerMetadata = discovered.metadata
    const question = { resource, issuer, issuerMetadata, metadataUrl: server.metadata.url }
    const word: ApiWord | undefined = api === undefined ? undefined : await askApi({ ...question, api }, tell)
    found.push(...(word?.findings ?? [note('api', 'not asked: for one that is running, give --api')]))
    const isReady = server.state().issuers.every(({ keys }) => keys.status === 'fresh')
    if (token !== undefined && isReady) found.push(...(await tryToken(server, { ...target, token, word })))
  }
  found.push(evaluateClock(observed.clockOffset()))
  return [...found, ...(await plainChallenge(target, observed))]
}

/** With the options of `serverFor` and none besides. */
async function plainChallenge(target: Target, observed: ObservedFetch): Promise<readonly Finding[]> {
  const server = serverFor(target, observed)
  try {
    return await showChallenge(server, target.scopes)
  } finally {
    server.close()
  }
}

async function keysOf(
  metadata: Readonly<Record<string, unknown>>,
  { issuer, internalUrl }: Target,
  server: ResourceServer,
  observed: ObservedFetch,
): Promise<readonly Finding[]> {
  await server.ready().catch(() => undefined) // its state says more than its error
  const { lastError } = server.state().issuers[0]?.keys ?? {}
  const uri = metadata.jwks_uri
  if (typeof uri !== 'string' || !URL.canParse(uri)) return lastError ? [unusable(lastError, observed)] : []
  const algorithms = metadata.access_token_signing_alg_values_supported as readonly JwsAlgorithm[] | undefined
  const url = internalUrl === undefined ? uri : moved(uri, issuer, internalUrl)
  const found = await lookAtKeys(url, Array.isArray(algorithms) ? algorithms : undefined, observed)
  const isTold = found.some(({ level }) => level === 'problem')
  return lastError && !isTold ? [unusable(lastError, observed), ...found] : found
}

/** To where the issuer is reached from here. */
function moved(url: string, issuer: string, internalUrl: string): string {
  const [base, target] = [issuer.replace(/\/$/, ''), internalUrl.replace(/\/$/, '')]
  return url.startsWith(`${base}/`) ? target + url.slice(base.length) : url
}
