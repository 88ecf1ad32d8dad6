import { type AccessToken, createAccessToken, type TokenData, type VerifiedToken } from './access-token/access-token.ts'
import type { JwtClaims } from './access-token/jwt-claims.ts'
import { createAuthenticator, reportProfileViolation } from './authenticate-request.ts'
import { optional, shape } from './config/shape.ts'
import { func, number, oneOf } from './config/validate.ts'
import { createDecider } from './decide.ts'
import { errorOf, refusalOf } from './errors/error-of-refusal.ts'
import { invalidToken, Refusal } from './errors/refusal.ts'
import { createEmitter, EVENT_TYPES, type Listener } from './events/emitter.ts'
import { createReport } from './events/report-events.ts'
import type { Features } from './features/features.ts'
import type { GuardContext } from './guards/guard.ts'
import { Guards, requireIntrospection, SCHEMES_BY_MODE } from './guards/route-guards.ts'
import { createRespond } from './http/error-response.ts'
import type { ResourceRequest } from './http-message.ts'
import { availabilityOf, isUsable } from './issuers/availability.ts'
import { createListedIssuers } from './issuers/issuer-registry.ts'
import { publishedIssuers } from './issuers/registry-settings.ts'
import { checkOptions, type ServerSettings } from './options.ts'
import { createMetadata } from './resource-metadata/resource-metadata.ts'
import { checkModes } from './sender-constraint/route-mode.ts'
import type { ResourceServer, ResourceServerState } from './server-api.ts'
import type { Seconds } from './util/time.ts'
import { availabilityWith } from './verifier/revocation.ts'
import { createTokenVerifier } from './verifier/token-verifier.ts'

/**
 * A resource server with these features.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function createServer<Scope extends string, Claims>(
  options: unknown,
  features: Features,
): ResourceServer<Scope, Claims> {
  const settings = checkOptions(options, features.options)
  const events = createEmitter(settings.onEvent)
  const parts = { ...settings, events, createIntrospector: features.createIntrospector }
  const issuers =
    'resolve' in settings.issuers
      ? features.createResolvedIssuers(settings.issuers, parts)
      : createListedIssuers(settings.issuers, parts)
  const revocation = settings.revocation?.attach({
    ...settings,
    issuers,
    events,
    changed() {
      watches.changed()
      verifier.evictRevoked()
    },
  })
  const verifier = createTokenVerifier(
    settings,
    issuers,
    features.createIntrospectionCache(settings, events, revocation),
    features,
    revocation,
  )
  const watches = features.createTokenWatches(settings.clock, issuers, revocation)
  const { document: metadata, servedUrl } = createMetadata(settings, publishedIssuers(settings.issuers))
  const modes = { dpop: settings.dpop.mode, mtls: settings.mtls.mode }
  const proofAlgorithms = settings.dpop.algorithms
  const respond = createRespond({ ...settings, proofAlgorithms, resourceMetadata: servedUrl })
  const schemes = SCHEMES_BY_MODE[settings.dpop.mode === 'off' ? 'off' : 'accept']
  const sender = features.createSenderConstraint(settings, events)
  const context: GuardContext = Object.freeze({
    now: settings.clock,
    graph: settings.graph,
    report: createReport(events),
  })
  const authenticator = createAuthenticator({ ...settings, schemes, context }, verifier, sender)
  const decider = createDecider({ authenticator, respond, schemes, context, events })
  const guardsOf = (guards: Guards | readonly unknown[] = []) =>
    Array.isArray(guards) ? new Guards(guards, settings) : Guards.require(guards, settings)

  async function tokenOrThrow(request: ResourceRequest, guards: Guards, optional: boolean) {
    const decision = await decider.decide(request, guards, optional)
    if (decision.allowed) return decision.token
    throw decision.toError()
  }

  /** The token of no request: nothing could prove possession of a key. */
  function withoutProof(verified: TokenData, raw: string): AccessToken | Refusal {
    if (verified.confirmation) return invalidToken('confirmation')
    const accessToken = createAccessToken(verified, raw)
    reportProfileViolation(verified, undefined, context)
    return checkModes(modes, accessToken, undefined, context) ?? accessToken
  }

  function cachesNow(): ResourceServerState['caches'] {
    const { jwt, active, inactive, replay } = settings.cacheSize
    const entries = verifier.sizes()
    return {
      jwt: { entries: entries.jwt, max: 2 * jwt },
      active: { entries: entries.active, max: active },
      inactive: { entries: entries.inactive, max: inactive },
      replay: { entries: sender.usedProofs(), max: replay },
    }
  }

  const server: ResourceServer = {
    authenticate: async (request, guards) =>
      (await tokenOrThrow(request, guardsOf(guards), false)) as AccessToken<JwtClaims>,
    optionalAuth: async (request, guards) =>
      (await tokenOrThrow(request, guardsOf(guards), true)) as AccessToken<JwtClaims> | undefined,
    decide(request, guards, { optional = false } = {}) {
      try {
        const own = Guards.require(guards, settings)
        return decider.decide(request, own, optional) as ReturnType<ResourceServer['decide']>
      } catch (thrown) {
        return Promise.reject(thrown)
      }
    },
    tokenOf: (native) => decider.tokenOf(native) as AccessToken<JwtClaims> | undefined,
    responseHeaders: (native) => decider.headersOf(native),
    async verify(token, options) {
      const maxAge = options && maxAgeIn(options, settings.issuers)
      const presented = verifier.present(token)
      if (presented instanceof Refusal) throw errorOf(presented)
      // As for requests: a cached token needs no promise.
      const cached = maxAge === undefined ? verifier.cached(presented) : undefined
      const verified = cached ?? (await verifier.verify(presented, maxAge))
      const outcome = verified instanceof Refusal ? verified : withoutProof(verified, token)
      if (outcome instanceof Refusal) throw errorOf(outcome)
      return outcome as AccessToken<JwtClaims>
    },
    watch: (token, onEnd) => watches.watch(token, func(onEnd, 'watch') as typeof onEnd),
    async forget(tokenOrPredicate) {
      if (typeof tokenOrPredicate === 'string') return verifier.forget(tokenOrPredicate)
      const matches = func(tokenOrPredicate, 'forget') as (token: VerifiedToken<JwtClaims>) => boolean
      verifier.forgetWhere((token) => matches(token as VerifiedToken<JwtClaims>))
    },
    guards: (...guards) => new Guards(guards, settings),
    respond: (error) => error.response ?? respond(refusalOf(error), { scopes: error.scopes, schemes, used: undefined }),
    errors: settings.errors,
    metadata,
    async ready() {
      await Promise.all([revocation?.loading, ...issuers.all().map((issuer) => issuer.ready())])
      if (revocation?.refusal) throw errorOf(revocation.refusal)
    },
    state() {
      const states = issuers.all().map((issuer) => issuer.state())
      const status = availabilityWith(revocation, availabilityOf(states))
      return { status, ready: isUsable(status), issuers: states, revocation: revocation?.state(), caches: cachesNow() }
    },
    subscribe: (listener, types = EVENT_TYPES) =>
      events.subscribe(
        func(listener, 'subscribe') as Listener,
        types.map((type) => eventType(type, 'subscribe.types')),
      ),
    close() {
      issuers.close()
      revocation?.close()
      watches.close()
    },
  }
  return server as unknown as ResourceServer<Scope, Claims>
}

const eventType = oneOf(...EVENT_TYPES)

const verifyShape = shape({ maxAge: optional(number(0, 86_400, 'seconds')) })

function maxAgeIn(options: { readonly maxAge?: Seconds }, issuers: ServerSettings['issuers']): Seconds | undefined {
  const { maxAge } = verifyShape(options, 'verify')
  if (maxAge !== undefined) requireIntrospection(issuers)
  return maxAge
}
