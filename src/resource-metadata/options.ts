import type { CryptoKey } from 'jose'
import { absoluteUrl, type Checker, list, member, optional, record, text, wrong } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import { type SigningKey, signingKey } from '../jws/signing-key-settings.ts'
import { isObject, type JsonObject } from '../util/encoding.ts'

/**
 * What the protected resource metadata says beside what the other options already tell (RFC 9728 §2). All of it is
 * public.
 */
export interface MetadataOptions {
  /** The name of this API for people: `resource_name`. */
  readonly name?: string | Languages
  /** A page for developers: `resource_documentation`. An `https:` or `http:` URL. */
  readonly documentation?: string | Languages
  /** How clients may use the data: `resource_policy_uri`. An `https:` or `http:` URL. */
  readonly policy?: string | Languages
  /** The terms of service: `resource_tos_uri`. An `https:` or `http:` URL. */
  readonly terms?: string | Languages
  /** The types of rich authorization requests this API knows: `authorization_details_types_supported` (RFC 9396). */
  readonly authorizationDetailsTypes?: readonly string[]
  /** Other members, such as `jwks_uri`, as they are to stand there. Those that an option makes cannot be set here. */
  readonly extra?: Readonly<Record<string, unknown>>
  /** Signs the document as well (RFC 9728 §2.2). Default: it is not signed. */
  readonly signed?: SignedMetadataOptions
}

/** A text in several languages (RFC 9728 §2.1): the one for everybody else, and others by language tag (BCP 47). */
export interface Languages {
  readonly default: string
  readonly [languageTag: string]: string
}

/**
 * How the metadata document is signed as well: as a JWT in its `signed_metadata` (RFC 9728 §2.2).
 *
 * Not checked: whether anybody trusts the one who signs.
 */
export interface SignedMetadataOptions {
  /** Who attests to it: the `iss` of the signature. Those who read it must know this party's keys. */
  readonly issuer: string
  /** The private key: a `CryptoKey` that may sign, or a private JWK. */
  readonly key: CryptoKey | Readonly<Record<string, unknown>>
  /** Default: `alg` of the JWK, or what fits the key. */
  readonly algorithm?: JwsAlgorithm
  /** The `kid` of the signature. Default: that of the JWK, if it has one. */
  readonly keyId?: string
}

export interface MetadataSettings {
  /** Members of the document, by their names on the wire. */
  readonly members: JsonObject
  readonly signed: SignedMetadataSettings | undefined
}

export interface SignedMetadataSettings extends SigningKey {
  readonly issuer: string
}

/** The members that have a language (RFC 9728 §2.1), by the option that makes them. */
const TRANSLATED = {
  name: 'resource_name',
  documentation: 'resource_documentation',
  policy: 'resource_policy_uri',
  terms: 'resource_tos_uri',
} as const

/** What the document says by itself: from other options, or from those above. */
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

/** The option `metadata`. */
export const checkMetadata: Checker<MetadataSettings> = (value, option) => {
  const from = record(value, option, [...Object.keys(TRANSLATED), 'authorizationDetailsTypes', 'extra', 'signed'])
  const types = optional(from, option, 'authorizationDetailsTypes', list(text), undefined)
  return Object.freeze({
    members: Object.freeze({
      ...translated(from, option, 'name', text),
      ...translated(from, option, 'documentation', page),
      ...translated(from, option, 'policy', page),
      ...translated(from, option, 'terms', page),
      ...(types && { authorization_details_types_supported: types }),
      ...optional(from, option, 'extra', extra, {}),
    }),
    signed: optional(from, option, 'signed', signed, undefined),
  })
}

/** The members that one option makes: one for everybody, and one for each language, whose tag follows a `#`. */
function translated(
  from: Readonly<Record<string, unknown>>,
  option: string,
  name: keyof typeof TRANSLATED,
  check: Checker<string>,
): JsonObject {
  if (!Object.hasOwn(from, name)) return {}
  const value = from[name]
  const path = member(option, name)
  if (!isObject(value)) return { [TRANSLATED[name]]: check(value, path) }
  const languages = record(value, path, Object.keys(value))
  const { default: common, ...others } = languages
  const output: Record<string, string> = { [TRANSLATED[name]]: check(common, `${path}.default`) }
  for (const [tag, words] of Object.entries(others)) {
    if (!LANGUAGE_TAG.test(tag))
      throw new ConfigurationError(`${path}.${tag}`, 'is no language tag, such as fr or pt-BR')
    output[`${TRANSLATED[name]}#${tag}`] = check(words, `${path}.${tag}`)
  }
  return output
}

/** RFC 5646 §2.1, as far as its letters and lengths go. */
const LANGUAGE_TAG = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/

/** Something that people open: never `javascript:` or `data:`. */
const page: Checker<string> = (value, option) => {
  if (!['https:', 'http:'].includes(absoluteUrl(value, option).protocol))
    throw wrong(option, value, 'an https: or http: URL')
  return value as string
}

const extra: Checker<JsonObject> = (value, option) => {
  const from = record(value, option, isObject(value) ? Object.keys(value) : [])
  for (const [name, content] of Object.entries(from)) {
    const path = `${option}.${name}`
    if (GENERATED.includes(name.split('#', 1)[0] as string))
      throw new ConfigurationError(path, 'is made from the other options and cannot be set here')
    // RFC 9728 §3.2: what has no value is left out.
    if (content === null || (Array.isArray(content) && content.length === 0)) throw wrong(path, content, 'a value')
  }
  return jsonCopy(from, option, 0) as JsonObject
}

const MAX_DEPTH = 16

/** A frozen copy, of JSON alone: what `JSON.stringify` would drop or change is a mistake. */
function jsonCopy(value: unknown, option: string, depth: number): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return value
  if (depth === MAX_DEPTH) throw new ConfigurationError(option, `is nested more than ${MAX_DEPTH} levels deep`)
  if (Array.isArray(value))
    return Object.freeze(Array.from(value, (one, at) => jsonCopy(one, `${option}[${at}]`, depth + 1)))
  if (!isObject(value)) throw wrong(option, value, 'a value of JSON')
  const plain = record(value, option, Object.keys(value))
  const copies = Object.entries(plain).map(([name, one]) => [name, jsonCopy(one, `${option}.${name}`, depth + 1)])
  return Object.freeze(Object.fromEntries(copies))
}

const signed: Checker<SignedMetadataSettings> = (value, option) => {
  // Whoever passes the key alone must not find it in an error message.
  if (!isObject(value)) throw new ConfigurationError(option, 'must be an object with an issuer and a key')
  const from = record(value, option, ['issuer', 'key', 'algorithm', 'keyId'])
  return Object.freeze({ issuer: text(from.issuer, `${option}.issuer`), ...signingKey(from, option) })
}
