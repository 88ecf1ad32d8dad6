import { timesHold, timesOf } from '../claims/validate-claims.ts'
import { createDiscovery } from '../discovery/discovery-cache.ts'
import type { MetadataUrl } from '../discovery/fetch-metadata.ts'
import { endpointName } from '../introspection/endpoint.ts'
import type { IntrospectionIssuer, IntrospectionState } from '../introspection/introspector.ts'
import { checkResponse, checkResponseForJwt } from '../introspection/validate-response.ts'
import { type KeysState, NO_KEYS } from '../jwks/jwks-cache.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { UnverifiedJwt } from '../jwt/parse-jwt.ts'
import { isStillValid, type RevalidationData, type VerifiedJwt, verifyJwt } from '../jwt/verify-jwt.ts'
import { createUpstream, createWatch } from '../upstream/client.ts'
import { createClosing } from '../upstream/shutdown.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { MaybePromise } from '../util/maybe-promise.ts'
import type { IssuerContext } from './context.ts'
import { createIssuerIntrospector, identityOf } from './issuer-introspection.ts'
import { createIssuerKeys } from './issuer-jwks.ts'
import type { IssuerSettings } from './settings.ts'

/** One trusted authorization server, with its rules, its keys, and the way to ask it about tokens. */
export interface Issuer extends IntrospectionIssuer {
  /** How its opaque tokens begin; `undefined` takes all that belong to nobody else. */
  readonly tokenPrefix: readonly string[] | undefined
  /** Decides its JWTs without asking; `undefined` where it is asked about all of its tokens. */
  readonly local: LocalVerifier | undefined
  /** As `admit`, for what it says about one of its JWTs, which is good by itself. */
  checkResponseForJwt(claims: JsonObject): void
  /** Loads what is needed to decide its tokens. */
  ready(): Promise<void>
  state(): IssuerState
  /** Ends what runs in the background. Loaded keys go on serving for as long as they may. */
  close(): void
}

export interface LocalVerifier {
  /**
   * What is known of a good access token; throws or rejects otherwise.
   *
   * @param verifiedBy the key that verified the signature of this very token before
   */
  verify(jwt: UnverifiedJwt, verifiedBy: VerificationKey | undefined): MaybePromise<VerifiedJwt>
  /** True while a token verified before is good without another look at it. */
  isStillValid(data: RevalidationData): boolean
}

/** How things stand with one issuer: for readiness probes and operators. It holds no key and no token. */
export interface IssuerState {
  readonly issuer: string
  readonly keys: KeysState
  /** Whether tokens can be asked about; `undefined` where none are. */
  readonly introspection: IntrospectionState | undefined
}

export function createIssuer(settings: IssuerSettings, context: IssuerContext): Issuer {
  const { clock, fetch, limits } = context
  const closing = createClosing()
  const watch = createWatch(settings.issuer, context.events)
  const deadline = settings.deadline * 1000
  const upstream = createUpstream({ fetch, maxBytes: limits.keySet, deadline, closing }, watch)
  const timeout = Math.max(deadline, (settings.introspection?.deadline ?? 0) * 1000)
  const discovery = createDiscovery(settings, wantedOf(settings), upstream, timeout)
  const keys = createIssuerKeys(settings, { ...context, upstream, discovery, closing })
  const introspector = createIssuerIntrospector(settings, { ...context, watch, discovery, keys, closing })
  return {
    name: settings.issuer,
    scopeClaims: settings.scopeClaims,
    clockTolerance: settings.clockTolerance,
    identity: identityOf(settings, context.resource),
    tokenPrefix: settings.tokenPrefix,
    local: keys && {
      verify: (jwt, verifiedBy) => verifyJwt(jwt, settings, keys, clock, verifiedBy),
      isStillValid: (data) => isStillValid(data, settings, keys, clock()),
    },
    introspector: introspector?.introspector,
    checkResponse: (claims) => checkResponse(claims, settings, clock()),
    checkResponseForJwt: (claims) => checkResponseForJwt(claims, settings, clock()),
    isCurrent: (claims) => timesHold(timesOf(claims), clock(), settings),
    async ready() {
      await Promise.all([keys?.ready(), introspector?.ready()])
    },
    state: () => ({
      issuer: settings.issuer,
      keys: keys?.state() ?? NO_KEYS,
      introspection: introspector?.introspector.state(),
    }),
    close: () => closing.close(),
  }
}

/** What has to be discovered: one look serves keys and introspection. */
function wantedOf({ keys, introspection }: IssuerSettings): readonly MetadataUrl[] {
  const required: MetadataUrl[] = keys.from === 'discovery' ? ['jwks_uri'] : []
  if (introspection?.by === 'endpoint' && introspection.endpoint === undefined) {
    required.push(endpointName(introspection))
  }
  return required
}
