import type { Discovery } from '../discovery/discovery-cache.ts'
import { urlOf } from '../discovery/fetch-metadata.ts'
import { Unavailable } from '../errors/errors.ts'
import { createClientAuthentication } from '../introspection/client-authentication.ts'
import { ownQuestion } from '../introspection/custom-introspector.ts'
import { endpointName, endpointQuestion } from '../introspection/endpoint.ts'
import { type Asker, createAsker } from '../introspection/introspector.ts'
import type { Question } from '../introspection/request.ts'
import type { AskingSettings, IntrospectionSettings } from '../introspection/settings.ts'
import { createSignedAnswerReader } from '../introspection/signed-response.ts'
import type { SigningKeys } from '../jwt/select-key.ts'
import { createUpstream, type Watch } from '../upstream/client.ts'
import type { Closing } from '../upstream/shutdown.ts'
import type { IssuerContext } from './context.ts'
import type { IssuerSettings } from './settings.ts'

interface AskingContext extends IssuerContext {
  readonly watch: Watch
  readonly discovery: Discovery
  readonly keys: SigningKeys | undefined
  readonly closing: Closing
}

interface IssuerAsker {
  readonly asker: Asker
  /**
   * Finds the endpoint, so that the first request does not wait for that.
   *
   * @throws {Unavailable} where it is not found
   */
  ready(): Promise<void>
}

/** The way to ask an issuer about tokens; `undefined` where that is not configured. */
export function createIssuerAsker(settings: IssuerSettings, context: AskingContext): IssuerAsker | undefined {
  const { issuer, asking } = settings
  if (!asking) return undefined
  return {
    asker: createAsker(asking, issuer, questionOf(settings, asking, context), context.events),
    async ready() {
      if (asking.by !== 'introspection' || asking.endpoint !== undefined) return
      try {
        urlOf(await context.discovery.find(asking.deadline * 1000), endpointName(asking))
      } catch (cause) {
        throw new Unavailable('introspection_unavailable', { cause })
      }
    },
  }
}

function questionOf(settings: IssuerSettings, asking: AskingSettings, context: AskingContext): Question {
  const { watch, discovery, fetch, closing, limits } = context
  if (asking.by === 'verify') return ownQuestion(asking.check, { issuer: settings.issuer, fetch, watch, closing })
  const bounds = { fetch, maxBytes: limits.introspection, deadline: asking.deadline * 1000, closing }
  return endpointQuestion(asking, {
    discovery,
    upstream: createUpstream(bounds, watch),
    authenticate: createClientAuthentication(asking.client, settings.issuer),
    readSigned: asking.signed ? signedReader(settings, asking, context) : undefined,
    closing,
  })
}

function signedReader(settings: IssuerSettings, asking: IntrospectionSettings, context: AskingContext) {
  const { keys, resource, limits, clock } = context
  if (!keys) throw new Error('bearward: signed answers without keys') // the options see to that
  const { issuer, audience, algorithms, clockTolerance } = settings
  const recipients = [resource, ...(audience ?? []), ...clientIdOf(asking)]
  return createSignedAnswerReader({ issuer, recipients, algorithms, clockTolerance, limits }, keys, clock)
}

const clientIdOf = ({ client }: IntrospectionSettings): readonly string[] =>
  client.method === 'bearer' ? [] : [client.clientId]

/** Under which rules, and as whom, an issuer is asked. It holds no secret, and is only ever seen as part of a digest. */
export function identityOf({ issuer, internalUrl, asking }: IssuerSettings, resource: string): string {
  if (asking?.by !== 'introspection') return JSON.stringify([resource, issuer, internalUrl, asking?.by])
  const { endpoint, client, signed } = asking
  const us = [client.method, ...clientIdOf(asking)]
  return JSON.stringify([resource, issuer, internalUrl, asking.by, endpoint, us, signed])
}
