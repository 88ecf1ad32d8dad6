import { ConfigurationError, createResourceServer, type JwsAlgorithm, type ResourceServer } from 'bearward'
import { type ApiReport, checkApi } from './api.ts'
import { showChallenge } from './challenge.ts'
import { evaluateClock } from './clock.ts'
import { findMetadata } from './discovery.ts'
import { type Finding, note, problem } from './finding.ts'
import { tryIntrospection } from './introspection.ts'
import { checkKeySet, unavailable } from './keys.ts'
import { type ObservedFetch, observedFetch } from './observed-fetch.ts'
import { tryToken } from './token.ts'

/** The configuration to check. */
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
  /** A protected URL of the running API. */
  readonly api: string | undefined
}

/**
 * Creates a resource server, has it do its work, and observes its requests.
 *
 * @param onRequest called with each request before it is sent
 */
export async function runChecks(target: Target, onRequest: (what: string) => void): Promise<readonly Finding[]> {
  const observed = observedFetch(onRequest)
  let server: ResourceServer
  try {
    server = serverFor(target, observed, BOTH)
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) return [problem('options', thrown.message, 'correct that option')]
    throw thrown
  }
  try {
    return await collectFindings(target, server, observed, onRequest)
  } finally {
    server.close()
  }
}

/** Accepts both, so that the reason of a refusal reveals what a token is bound to. */
const BOTH = { dpop: 'accept', mtls: 'accept' } as const

function serverFor(
  { issuer, resource, internalUrl, client }: Target,
  { fetch }: ObservedFetch,
  senderConstraint: Partial<typeof BOTH> = {},
): ResourceServer {
  return createResourceServer({
    ...senderConstraint,
    resource,
    issuer: {
      issuer,
      ...(internalUrl !== undefined && { internalUrl }),
      ...(client && { introspection: { client } }),
    },
    fetch,
  })
}

async function collectFindings(
  target: Target,
  server: ResourceServer,
  observed: ObservedFetch,
  onRequest: (what: string) => void,
): Promise<readonly Finding[]> {
  const { issuer, resource, internalUrl, token, client, api } = target
  const discovered = await findMetadata(issuer, internalUrl, observed)
  const found = [...discovered.findings]
  // Without metadata, every other check would fail for the same reason.
  if (discovered.metadata) {
    found.push(...(await keyFindings(discovered.metadata, target, server, observed)))
    found.push(
      client
        ? await tryIntrospection(server, observed)
        : note('introspection', 'not checked: for opaque tokens, pass --client-id and --client-secret-env'),
    )
    const issuerMetadata = discovered.metadata
    const apiTarget = { resource, issuer, issuerMetadata, metadataUrl: server.metadata.url }
    const apiReport: ApiReport | undefined =
      api === undefined ? undefined : await checkApi({ ...apiTarget, api }, onRequest)
    found.push(...(apiReport?.findings ?? [note('api', 'not checked: for a running API, pass --api')]))
    const isReady = server.state().issuers.every(({ keys }) => keys.status === 'fresh')
    if (token !== undefined && isReady) found.push(...(await tryToken(server, { ...target, token, api: apiReport })))
  }
  found.push(evaluateClock(observed.clockOffset()))
  return [...found, ...(await plainChallenge(target, observed))]
}

/** Without the sender-constraint options, which would add challenges. */
async function plainChallenge(target: Target, observed: ObservedFetch): Promise<readonly Finding[]> {
  const server = serverFor(target, observed)
  try {
    return await showChallenge(server, target.scopes)
  } finally {
    server.close()
  }
}

async function keyFindings(
  metadata: Readonly<Record<string, unknown>>,
  { issuer, internalUrl }: Target,
  server: ResourceServer,
  observed: ObservedFetch,
): Promise<readonly Finding[]> {
  await server.ready().catch(() => undefined) // server.state() has the details
  const { lastError } = server.state().issuers[0]?.keys ?? {}
  const uri = metadata.jwks_uri
  if (typeof uri !== 'string' || !URL.canParse(uri)) return lastError ? [unavailable(lastError, observed)] : []
  const algorithms = metadata.access_token_signing_alg_values_supported as readonly JwsAlgorithm[] | undefined
  const url = internalUrl === undefined ? uri : rebase(uri, issuer, internalUrl)
  const found = await checkKeySet(url, Array.isArray(algorithms) ? algorithms : undefined, observed)
  const isReported = found.some(({ level }) => level === 'problem')
  return lastError && !isReported ? [unavailable(lastError, observed), ...found] : found
}

/** Moves a URL of the issuer to its internal URL. */
function rebase(url: string, issuer: string, internalUrl: string): string {
  const [base, target] = [issuer.replace(/\/$/, ''), internalUrl.replace(/\/$/, '')]
  return url.startsWith(`${base}/`) ? target + url.slice(base.length) : url
}
