import { urlOf } from '../discovery/fetch-metadata.ts'
import { Unavailable } from '../errors/errors.ts'
import { createClientAuthentication } from '../introspection/client-authentication.ts'
import { customIntrospection } from '../introspection/custom-introspector.ts'
import { endpointIntrospection } from '../introspection/endpoint.ts'
import { endpointUrl } from '../introspection/endpoint-url.ts'
import { createIntrospector } from '../introspection/introspector.ts'
import type { Introspect } from '../introspection/request.ts'
import type { EndpointSettings, IntrospectionSettings } from '../introspection/settings.ts'
import { createSignedResponseReader } from '../introspection/signed-response.ts'
import { createRecordSealer } from '../stores/sealed-records.ts'
import { createUpstream } from '../upstream/client.ts'
import type { IntrospectionContext, IssuerIntrospector } from './create-introspector.ts'
import { recordSecretsOf } from './record-secrets.ts'
import type { IssuerSettings } from './settings.ts'

/** Wires the introspection of one issuer; `undefined` if it is not configured. */
export function createIssuerIntrospector(
  settings: IssuerSettings,
  context: IntrospectionContext,
): IssuerIntrospector | undefined {
  const { issuer, introspection } = settings
  if (!introspection) return undefined
  const secrets = recordSecretsOf(settings, context.stores) ?? []
  const records = {
    identity: identityOf(settings, context.resource),
    sealer: createRecordSealer(secrets, 'introspection responses'),
  }
  return {
    introspector: createIntrospector(
      introspection,
      issuer,
      introspectionOf(settings, introspection, context),
      records,
      context.events,
    ),
    async ready() {
      if (introspection.by !== 'endpoint' || introspection.endpoint !== undefined) return
      try {
        urlOf(await context.discovery.find(introspection.deadline * 1000), endpointUrl(introspection))
      } catch (cause) {
        throw new Unavailable('introspection_unavailable', { cause })
      }
    },
  }
}

function introspectionOf(
  settings: IssuerSettings,
  introspection: IntrospectionSettings,
  context: IntrospectionContext,
): Introspect {
  const { watch, discovery, fetch, closing, limits } = context
  if (introspection.by === 'function')
    return customIntrospection(introspection.check, { issuer: settings.issuer, fetch, watch, closing })
  const bounds = { fetch, maxBytes: limits.introspection, deadline: introspection.deadline * 1000, closing }
  return endpointIntrospection(introspection, {
    discovery,
    upstream: createUpstream(bounds, watch),
    authenticate: createClientAuthentication(introspection.client, settings.issuer),
    readSigned: introspection.signed ? signedReader(settings, introspection, context) : undefined,
    closing,
  })
}

function signedReader(settings: IssuerSettings, introspection: EndpointSettings, context: IntrospectionContext) {
  const { keys, resource, limits, clock } = context
  if (!keys) throw new Error('bearward: signed responses without keys') // the options exclude it
  const { issuer, audience, algorithms, clockTolerance } = settings
  const recipients = [resource, ...(audience ?? []), ...clientIdOf(introspection)]
  return createSignedResponseReader({ issuer, recipients, algorithms, clockTolerance, limits }, keys, clock)
}

const clientIdOf = ({ client }: EndpointSettings): readonly string[] =>
  client.method === 'bearer' ? [] : [client.clientId]

/** The rules and the client of an issuer's introspection. It contains no secret and is used only inside a digest. */
function identityOf({ issuer, internalUrl, introspection }: IssuerSettings, resource: string): string {
  if (introspection?.by !== 'endpoint')
    return JSON.stringify([resource, issuer, internalUrl, introspection?.by, introspection?.name])
  const { endpoint, client, signed } = introspection
  const us = [client.method, ...clientIdOf(introspection)]
  return JSON.stringify([resource, issuer, internalUrl, introspection.by, endpoint, us, signed])
}
