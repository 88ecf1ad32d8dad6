import { timesHold, timesOf } from '../claims/validate-claims.ts'
import { createDiscovery } from '../discovery/discovery-cache.ts'
import type { MetadataUrl } from '../discovery/fetch-metadata.ts'
import { endpointName } from '../introspection/endpoint.ts'
import type { AskedIssuer, AskingState } from '../introspection/introspector.ts'
import { checkAnswer, checkSecondOpinion } from '../introspection/validate-response.ts'
import { type KeysState, NO_KEYS } from '../jwks/jwks-cache.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { UnverifiedJwt } from '../jwt/parse-jwt.ts'
import { type Evidence, stillGood, type VerifiedJwt, verifyJwt } from '../jwt/verify-jwt.ts'
import { createUpstream, createWatch } from '../upstream/client.ts'
import { createClosing } from '../upstream/shutdown.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { MaybePromise } from '../util/maybe-promise.ts'
import type { IssuerContext } from './context.ts'
import { createIssuerAsker, identityOf } from './issuer-introspection.ts'
import { createIssuerKeys } from './issuer-jwks.ts'
import type { IssuerSettings } from './settings.ts'

/** One trusted authorization server, with its rules, its keys, and the way to ask it about tokens. */
export interface Issuer extends AskedIssuer {
  /** How its opaque tokens begin; `undefined` takes all that belong to nobody else. */
  readonly tokenPrefix: readonly string[] | undefined
  /** Decides its JWTs without asking; `undefined` where it is asked about all of its tokens. */
  readonly local: LocalVerifier | undefined
  /** As `admit`, for what it says about one of its JWTs, which is good by itself. */
  admitSecondOpinion(claims: JsonObject): void
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
  stillGood(evidence: Evidence): boolean
}

/** How things stand with one issuer: for readiness probes and operators. It holds no key and no token. */
export interface IssuerState {
  readonly issuer: string
  readonly keys: KeysState
  /** Whether tokens can be asked about; `undefined` where none are. */
  readonly introspection: AskingState | undefined
}

export function createIssuer(settings: IssuerSettings, context: IssuerContext): Issuer {
  const { clock, fetch, limits } = context
  const closing = createClosing()
  const watch = createWatch(settings.issuer, context.events)
  const deadline = settings.deadline * 1000
  const upstream = createUpstream({ fetch, maxBytes: limits.keySet, deadline, closing }, watch)
  const patience = Math.max(deadline, (settings.asking?.deadline ?? 0) * 1000)
  const discovery = createDiscovery(settings, wantedOf(settings), upstream, patience)
  const keys = createIssuerKeys(settings, { ...context, upstream, discovery, closing })
  const asker = createIssuerAsker(settings, { ...context, watch, discovery, keys, closing })
  return {
    name: settings.issuer,
    scopeClaims: settings.scopeClaims,
    clockTolerance: settings.clockTolerance,
    identity: identityOf(settings, context.resource),
    tokenPrefix: settings.tokenPrefix,
    local: keys && {
      verify: (jwt, verifiedBy) => verifyJwt(jwt, settings, keys, clock, verifiedBy),
      stillGood: (evidence) => stillGood(evidence, settings, keys, clock()),
    },
    asker: asker?.asker,
    admit: (claims) => checkAnswer(claims, settings, clock()),
    admitSecondOpinion: (claims) => checkSecondOpinion(claims, settings, clock()),
    isCurrent: (claims) => timesHold(timesOf(claims), clock(), settings),
    async ready() {
      await Promise.all([keys?.ready(), asker?.ready()])
    },
    state: () => ({ issuer: settings.issuer, keys: keys?.state() ?? NO_KEYS, introspection: asker?.asker.state() }),
    close: () => closing.close(),
  }
}

/** What has to be discovered: one look serves keys and introspection. */
function wantedOf({ keys, asking }: IssuerSettings): readonly MetadataUrl[] {
  const wanted: MetadataUrl[] = keys.from === 'discovery' ? ['jwks_uri'] : []
  if (asking?.by === 'introspection' && asking.endpoint === undefined) {
    wanted.push(endpointName(asking))
  }
  return wanted
}
