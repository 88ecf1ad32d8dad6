import { checkTimesOf } from '../claims/registered-claims.ts'
import { createDiscovery } from '../discovery/discovery-cache.ts'
import type { IntrospectionIssuer, IntrospectionState } from '../introspection/introspector.ts'
import { type KeysState, NO_KEYS } from '../jwks/keys-state.ts'
import { createUpstream, createWatch } from '../upstream/client.ts'
import type { IssuerParts } from './create-introspector.ts'
import { createIssuerKeys } from './issuer-jwks.ts'
import { LocalVerifier } from './local-verifier.ts'
import { requiredMetadata } from './required-metadata.ts'
import type { IssuerSettings } from './settings.ts'
import type { SharedState } from './shared-state.ts'
import type { StatusListsState } from './status-list.ts'

/** A trusted authorization server, with its rules, keys and introspector. */
export interface Issuer extends IntrospectionIssuer {
  /** The prefixes of its opaque tokens; `undefined` for all that match no other issuer. */
  readonly tokenPrefix: readonly string[] | undefined
  /** Verifies its JWTs here; `undefined` if all of its tokens are introspected. */
  readonly local: LocalVerifier | undefined
  /** Loads what is needed to verify its tokens. */
  ready(): Promise<void>
  state(): IssuerState
}

/** The state of one issuer, for readiness probes and operators. It contains no key and no token. */
export interface IssuerState {
  readonly issuer: string
  readonly keys: KeysState
  /** Whether tokens can be introspected; `undefined` without introspection. */
  readonly introspection: IntrospectionState | undefined
  /** `undefined` without the option `statusList`. */
  readonly statusLists: StatusListsState | undefined
}

export function createIssuer(settings: IssuerSettings, context: IssuerParts, shared: SharedState): Issuer {
  const { clock, events, fetch, limits } = context
  for (const notice of settings.notices) events.emit({ type: 'configuration', issuer: settings.issuer, ...notice })
  const { closing, keySets } = shared
  const watch = createWatch(settings.issuer, events)
  const deadline = settings.deadline * 1000
  const upstream = createUpstream({ fetch, maxBytes: limits.keySet, deadline, closing }, watch)
  const timeout = Math.max(deadline, (settings.introspection?.deadline ?? 0) * 1000)
  const required = requiredMetadata(settings)
  const { issuer, internalUrl, plainHttpOrigins } = settings
  const discovery = shared.discovery(JSON.stringify([issuer, internalUrl, plainHttpOrigins, required, timeout]), () =>
    createDiscovery(settings, required, upstream, timeout),
  )
  const keys = createIssuerKeys(settings, { ...context, upstream, discovery, closing, keySets })
  const introspector = context.createIntrospector(settings, { ...context, watch, discovery, keys, closing })
  const local = keys && new LocalVerifier(settings, keys, { ...context, watch, closing })
  return {
    name: settings.issuer,
    scopeClaims: settings.scopeClaims,
    clockTolerance: settings.clockTolerance,
    tokenPrefix: settings.tokenPrefix,
    local,
    introspector: introspector?.introspector,
    responseRules: settings,
    isCurrent: (claims) => checkTimesOf(claims, settings, clock()) === undefined,
    async ready() {
      await Promise.all([keys?.ready(), introspector?.ready()])
    },
    state: () => ({
      issuer: settings.issuer,
      keys: keys?.state() ?? NO_KEYS,
      introspection: introspector?.introspector.state(),
      statusLists: local?.statusLists(),
    }),
  }
}
