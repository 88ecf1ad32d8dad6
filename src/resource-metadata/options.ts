import type { CryptoKey } from 'jose'
import { type Checked, optional, shape } from '../config/shape.ts'
import { type Checker, dictionary, httpUrl, list, secureUrl, text, wrong } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { isQuotable } from '../http/grammar.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import { isObject, type JsonObject } from '../util/encoding.ts'

/** Additions to the protected resource metadata, which otherwise follows from the other options (RFC 9728 §2). All are public. */
export interface MetadataOptions {
  /**
   * The absolute URL at which something else, such as a gateway, serves this document. Challenges have it as
   * `resource_metadata`. Default: the well-known URL of `resource`, once `metadata()` of an adapter or
   * `server.metadata.respond()` serves the document; before that, challenges have no such URL.
   */
  readonly servedAt?: string
  /** The name of this API for people: `resource_name`. */
  readonly name?: string | Languages
  /** A page for developers: `resource_documentation`. An `https:` or `http:` URL. */
  readonly documentation?: string | Languages
  /** How clients may use the data: `resource_policy_uri`. An `https:` or `http:` URL. */
  readonly policy?: string | Languages
  /** The terms of service: `resource_tos_uri`. An `https:` or `http:` URL. */
  readonly terms?: string | Languages
  /** Types of rich authorization requests that this API supports: `authorization_details_types_supported` (RFC 9396). */
  readonly authorizationDetailsTypes?: readonly string[]
  /** Other members, such as `jwks_uri`, by their names in the document. Those that another option sets are refused here. */
  readonly extra?: Readonly<Record<string, unknown>>
  /** Signs the document as well (RFC 9728 §2.2). */
  readonly signed?: SignedMetadataOptions
}

/** A text in several languages (RFC 9728 §2.1): `default`, and others by language tag (BCP 47). */
export interface Languages {
  readonly default: string
  readonly [languageTag: string]: string
}

/**
 * How the metadata document is signed: as a JWT in its `signed_metadata` (RFC 9728 §2.2).
 *
 * Not checked: whether clients trust the signer.
 */
export interface SignedMetadataOptions {
  /** The `iss` of the signature. Clients must know the keys of that issuer. */
  readonly issuer: string
  /** The private key: a `CryptoKey` that may sign, or a private JWK. */
  readonly key: CryptoKey | Readonly<Record<string, unknown>>
  /** The signature algorithm. Default: `alg` of the JWK, or the one that fits the key. */
  readonly algorithm?: JwsAlgorithm
  /** The `kid` of the signature. Default: that of the JWK. */
  readonly keyId?: string
}

export interface MetadataSettings {
  /** Where something else serves the document. */
  readonly servedAt: string | undefined
  /** Members of the document, by their names on the wire. */
  readonly members: JsonObject
  readonly sign: SignMetadata | undefined
}

/** Signs the members of the document: the value of `signed_metadata` (RFC 9728 §2.2). */
export type SignMetadata = (document: JsonObject) => Promise<string>

/** The members that can be translated (RFC 9728 §2.1), by option. */
const TRANSLATED = {
  name: 'resource_name',
  documentation: 'resource_documentation',
  policy: 'resource_policy_uri',
  terms: 'resource_tos_uri',
} as const

/** The members that follow from other options. */
const GENERATED: readonly string[] = [
  'resource',
  'authorization_servers',
  'scopes_supported',
  'bearer_methods_supported',
  'authorization_details_types_supported',
  'dpop_signing_alg_values_supported',
  'dpop_bound_access_tokens_required',
  'tls_client_certificate_bound_access_tokens',
  'signed_metadata',
  ...Object.values(TRANSLATED),
]

/** The option `metadata`, with names by language. */
export function metadataSettings(from: Checked<ReturnType<typeof metadataShape>['members']>): MetadataSettings {
  const types = from.authorizationDetailsTypes
  return Object.freeze({
    servedAt: from.servedAt,
    members: Object.freeze({
      ...from.name,
      ...from.documentation,
      ...from.policy,
      ...from.terms,
      ...(types && { authorization_details_types_supported: types }),
      ...from.extra,
    }),
    sign: from.signed,
  })
}

/** The members that one option sets: the default, and one for each language, whose tag follows a `#`. */
function translated(name: keyof typeof TRANSLATED, check: Checker<string>): Checker<JsonObject> {
  const wire = TRANSLATED[name]
  return (value, option) => {
    if (!isObject(value)) return { [wire]: check(value, option) }
    const { default: common, ...others } = dictionary(value, option)
    const output: Record<string, string> = { [wire]: check(common, `${option}.default`) }
    for (const [tag, words] of Object.entries(others)) {
      if (!LANGUAGE_TAG.test(tag))
        throw new ConfigurationError(`${option}.${tag}`, 'must be a language tag, such as fr or pt-BR')
      output[`${wire}#${tag}`] = check(words, `${option}.${tag}`)
    }
    return output
  }
}

/** RFC 5646 §2.1, as far as its letters and lengths go. */
const LANGUAGE_TAG = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/

const servedAt: Checker<string> = (value, option) => {
  const url = secureUrl(value, option)
  if (!isQuotable(url)) throw wrong(option, value, 'a URL in printable ASCII')
  return url
}

const extra: Checker<JsonObject> = (value, option) => {
  const from = dictionary(value, option)
  for (const [name, content] of Object.entries(from)) {
    const path = `${option}.${name}`
    if (GENERATED.includes(name.split('#', 1)[0] as string))
      throw new ConfigurationError(path, 'follows from the other options and cannot be set here')
    // RFC 9728 §3.2: members without a value are omitted.
    if (content === null || (Array.isArray(content) && content.length === 0)) throw wrong(path, content, 'a value')
  }
  return frozenCopy(from, option, 0) as JsonObject
}

const MAX_DEPTH = 16

/** A frozen copy. Values that `JSON.stringify` would drop or change are refused. */
function frozenCopy(value: unknown, option: string, depth: number): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return value
  if (depth === MAX_DEPTH) throw new ConfigurationError(option, `is nested more than ${MAX_DEPTH} levels deep`)
  if (Array.isArray(value))
    return Object.freeze(Array.from(value, (one, at) => frozenCopy(one, `${option}[${at}]`, depth + 1)))
  if (!isObject(value)) throw wrong(option, value, 'a JSON value')
  const plain = dictionary(value, option)
  const copies = Object.entries(plain).map(([name, one]) => [name, frozenCopy(one, `${option}.${name}`, depth + 1)])
  return Object.freeze(Object.fromEntries(copies))
}

export const metadataShape = (signed: Checker<SignMetadata>) =>
  shape({
    servedAt: optional(servedAt),
    name: optional(translated('name', text)),
    // Pages for people: never `javascript:` or `data:`.
    documentation: optional(translated('documentation', httpUrl)),
    policy: optional(translated('policy', httpUrl)),
    terms: optional(translated('terms', httpUrl)),
    authorizationDetailsTypes: optional(list(text)),
    extra: optional(extra),
    signed: optional(signed),
  })
