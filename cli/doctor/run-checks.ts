import {
  ConfigurationError,
  type ConfigurationEvent,
  createResourceServer,
  type IssuerOptions,
  type JwsAlgorithm,
  type ResourceServer,
  type ResourceServerOptions,
} from 'bearward'
import { atInternalUrl, type JsonObject } from '../../src/inspect/index.ts'
import { visible } from '../visible.ts'
import { type ApiReport, checkApi } from './api.ts'
import { showChallenge } from './challenge.ts'
import { evaluateClock } from './clock.ts'
import { findMetadata } from './discovery.ts'
import { type Finding, note, ok, problem } from './finding.ts'
import { fixFor } from './fixes.ts'
import { tryIntrospection } from './introspection.ts'
import { checkKeySet, evaluateKeySet, type KeyRules, unavailable } from './keys.ts'
import { type ObservedFetch, observedFetch } from './observed-fetch.ts'
import { evaluateProvider } from './providers.ts'
import type { Target } from './target.ts'
import { tryToken } from './token.ts'

/**
 * Creates a resource server, has it do its work, and observes its requests.
 *
 * @param onRequest called with each request before it is sent
 */
export async function runChecks(target: Target, onRequest: (what: string) => void): Promise<readonly Finding[]> {
  const observed = observedFetch(onRequest, target.options.fetch)
  const found: Finding[] = []
  let server: ResourceServer
  try {
    server = serverFor(target.issuers, target, observed, BOTH, found)
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) return [wrongOption(thrown)]
    throw thrown
  }
  try {
    const { findings, metadata } = await checkIssuers(target, observed)
    const api = await apiReport(target, server, metadata, onRequest)
    await server.ready().catch(() => undefined) // what is wrong has been found
    const { token, options } = target
    const ofToken =
      token === undefined ? [] : await tryToken(server, { ...target, resource: options.resource, token, api })
    const clock = evaluateClock(observed.clockOffset())
    const challenge = await plainChallenge(target, observed)
    return [...found, ...findings, ...(api?.findings ?? []), ...ofToken, clock, ...challenge]
  } finally {
    server.close()
  }
}

export const wrongOption = ({ message }: ConfigurationError): Finding =>
  problem('options', message, 'correct that option')

/** What was allowed explicitly is no mistake; an option without effect is one. */
function evaluateNotice({ option, problem: what }: ConfigurationEvent): Finding {
  const message = `${option} ${what}`
  return /\.allow\w+$/.test(option) ? note('options', message) : problem('options', message, 'correct that option')
}

/** Accepts both, so that the reason of a refusal reveals what a token is bound to. */
const BOTH = { dpop: 'accept', mtls: 'accept' } as const

/**
 * A server with some of the issuers. It uses no store, since that of the application would keep what is tried here.
 *
 * @param found for what the server reports about its options
 */
function serverFor(
  issuers: readonly IssuerOptions[],
  { options }: Target,
  { fetch }: ObservedFetch,
  senderConstraint: Partial<typeof BOTH> = {},
  found?: Finding[],
): ResourceServer {
  const { stores: _, onEvent: __, ...others } = options
  const onEvent: ResourceServerOptions['onEvent'] = (event) => {
    if (event.type === 'configuration') found?.push(evaluateNotice(event))
  }
  return createResourceServer({
    ...others,
    ...senderConstraint,
    issuer: issuers,
    fetch,
    onEvent,
  } as ResourceServerOptions)
}

interface IssuerReport {
  readonly findings: readonly Finding[]
  /** Of the first issuer that has any; `undefined` if an issuer should have some and has none. */
  readonly metadata: JsonObject | undefined
}

async function checkIssuers(target: Target, observed: ObservedFetch): Promise<IssuerReport> {
  const { issuers } = target
  const reports: IssuerReport[] = []
  for (const issuer of issuers) {
    const server = serverFor([issuer], target, observed)
    try {
      const { findings, metadata } = await checkIssuer(issuer, target.options.limits, server, observed)
      const heading = issuers.length > 1 ? [ok('issuer', visible(issuer.issuer))] : []
      reports.push({ findings: [...heading, ...findings], metadata })
    } finally {
      server.close()
    }
  }
  const isComplete = reports.every(({ metadata }) => metadata !== undefined)
  return {
    findings: reports.flatMap(({ findings }) => findings),
    metadata: isComplete ? Object.assign({}, ...reports.map(({ metadata }) => metadata).reverse()) : undefined,
  }
}

async function checkIssuer(
  issuer: IssuerOptions,
  limits: KeyRules['limits'],
  server: ResourceServer,
  observed: ObservedFetch,
): Promise<IssuerReport> {
  const { findings: discovered, metadata } = await discover(issuer, observed)
  // Without metadata, every other check would fail for the same reason.
  if (!metadata) return { findings: discovered, metadata }
  const hasIntrospection = issuer.introspection !== undefined || issuer.introspect !== undefined
  return {
    findings: [
      ...discovered,
      ...evaluateProvider(issuer, metadata),
      ...(await keyFindings(issuer, limits, metadata, server, observed)),
      hasIntrospection
        ? await tryIntrospection(server, observed, issuer.tokenPrefix)
        : note('introspection', 'not checked: to check opaque tokens, pass --client-id and --client-secret-env'),
    ],
    metadata,
  }
}

/** The metadata; empty if nothing in the options has to be discovered. */
async function discover(
  { issuer, internalUrl, keys, introspection, introspect }: IssuerOptions,
  observed: ObservedFetch,
): Promise<IssuerReport> {
  const needsKeys = keys === undefined && introspect === undefined
  const needsEndpoint = introspection !== undefined && introspection.endpoint === undefined
  if (needsKeys || needsEndpoint) return findMetadata(issuer, internalUrl, observed)
  return { findings: [note('discovery', 'not used: the options name the keys and endpoints')], metadata: {} }
}

async function apiReport(
  { api, options: { resource }, issuers }: Target,
  server: ResourceServer,
  issuerMetadata: JsonObject | undefined,
  onRequest: (what: string) => void,
): Promise<ApiReport | undefined> {
  if (!issuerMetadata) return undefined
  if (api === undefined)
    return {
      findings: [note('api', 'not checked: to check a running API, pass --api')],
      challenges: [],
      metadata: undefined,
    }
  const [first] = issuers
  const issuer = first?.issuer ?? ''
  return checkApi({ api, resource, issuer, issuerMetadata, metadataUrl: server.metadata.url }, onRequest)
}

/** Without the sender-constraint options of the checks, which would add challenges. */
async function plainChallenge(target: Target, observed: ObservedFetch): Promise<readonly Finding[]> {
  const server = serverFor(target.issuers, target, observed)
  try {
    return await showChallenge(server, target.scopes)
  } finally {
    server.close()
  }
}

const NAME_KEYS = 'set keys to the URL of its key set, or correct the metadata'

async function keyFindings(
  options: IssuerOptions,
  limits: KeyRules['limits'],
  metadata: JsonObject,
  server: ResourceServer,
  observed: ObservedFetch,
): Promise<readonly Finding[]> {
  await server.ready().catch(() => undefined) // server.state() has the details
  const { lastError, status, count } = server.state().issuers[0]?.keys ?? {}
  const { keys, issuer, algorithms = algorithmsIn(metadata) } = options
  if (status === 'none') return [note('keys', 'not used: every token of this issuer is introspected')]
  const uri = typeof keys === 'string' ? keys : discoveredKeySet(options, metadata)
  const isMissing = uri === undefined && keys === undefined
  const failed = lastError && unavailable(lastError, isMissing ? NAME_KEYS : fixFor(lastError, observed))
  const withFailure = (found: readonly Finding[]) =>
    failed && !found.some(({ level }) => level === 'problem') ? [failed, ...found] : found
  if (typeof keys === 'object' && keys !== null && 'keys' in keys)
    return withFailure(await evaluateKeySet(keys, 'the option keys', { issuer, algorithms: options.algorithms }))
  if (typeof keys === 'object' && !lastError) return [ok('keys', `the option keys loads ${count} usable keys`)]
  // What a server must not fetch, an issuer must not make us fetch either: it may be in the network of this machine.
  if (uri === undefined || lastError?.code === 'insecure_url') return withFailure([])
  return withFailure(await checkKeySet(uri, { issuer, algorithms, limits }, observed))
}

function algorithmsIn({
  access_token_signing_alg_values_supported: listed,
}: JsonObject): readonly JwsAlgorithm[] | undefined {
  return Array.isArray(listed) ? (listed as readonly JwsAlgorithm[]) : undefined
}

function discoveredKeySet({ issuer, internalUrl }: IssuerOptions, { jwks_uri: uri }: JsonObject): string | undefined {
  return typeof uri === 'string' && URL.canParse(uri) ? atInternalUrl(uri, { issuer, internalUrl }) : undefined
}
