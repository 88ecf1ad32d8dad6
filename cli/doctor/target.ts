import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigurationError, type IssuerOptions, type IssuerResolver, type ResourceServerOptions } from 'bearward'
import { UsageError } from '../context.ts'

/** The configuration to check. */
export interface Target {
  /** As the application passes them. */
  readonly options: ResourceServerOptions
  /** Each of its issuers; of a resolver, one that it resolved. */
  readonly issuers: readonly IssuerOptions[]
  /** The scopes of a route. */
  readonly scopes: readonly string[]
  readonly token: string | undefined
  /** A protected URL of the running API. */
  readonly api: string | undefined
}

/**
 * The options that a file exports: `options` or the default export of a module, or the contents of a JSON file; or a
 * function that returns them.
 */
export async function optionsIn(file: string): Promise<ResourceServerOptions> {
  try {
    const options = await within(LOAD_DEADLINE, exportedBy(resolve(file)))
    if (typeof options === 'object' && options !== null && 'resource' in options)
      return options as ResourceServerOptions
  } catch (thrown) {
    // Not its message, which may contain the values of the file.
    const { code, name } = thrown as { readonly code?: unknown; readonly name?: unknown }
    if (thrown instanceof NoResult) throw new UsageError(`--config ${thrown.message}`)
    throw new UsageError(`--config cannot be loaded (${typeof code === 'string' ? code : name})`)
  }
  throw new UsageError('--config must export the options of a resource server, as options or as the default export')
}

async function exportedBy(path: string): Promise<unknown> {
  const exported = path.endsWith('.json')
    ? { default: JSON.parse(await readFile(path, 'utf8')) as unknown }
    : ((await import(pathToFileURL(path).href)) as { readonly default?: unknown; readonly options?: unknown })
  const found = 'options' in exported && exported.options !== undefined ? exported.options : exported.default
  return typeof found === 'function' ? await found() : found
}

/** Seconds. It may fetch secrets first. */
const LOAD_DEADLINE = 20
/** Seconds, as a resource server waits for these functions. */
const CALL_DEADLINE = 3

class NoResult extends Error {}

/** Rejects if code of the application takes longer. */
async function within<T>(seconds: number, work: T | PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoResult(`has no result after ${seconds} s`)), seconds * 1000)
  })
  return Promise.race([work, end]).finally(() => clearTimeout(timer))
}

/**
 * The issuers of a configuration.
 *
 * @param chosen with several issuers or a resolver, the one to check
 */
export async function issuersOf(
  { issuer }: ResourceServerOptions,
  chosen: string | undefined,
): Promise<readonly IssuerOptions[] | ConfigurationError> {
  if (isResolver(issuer)) {
    const one = await resolved(issuer, chosen)
    return one instanceof ConfigurationError ? one : [one]
  }
  const all = [issuer].flat().map((one) => (typeof one === 'string' ? { issuer: one } : one)) as IssuerOptions[]
  const found = chosen === undefined ? all : all.filter((one) => one.issuer === chosen)
  if (found.length === 0) throw new UsageError('--issuer is not among the issuers in --config')
  return found
}

const isResolver = (issuer: unknown): issuer is IssuerResolver =>
  typeof issuer === 'object' && issuer !== null && 'allow' in issuer && 'resolve' in issuer

async function resolved(
  { allow, resolve }: IssuerResolver,
  chosen: string | undefined,
): Promise<IssuerOptions | ConfigurationError> {
  const [first] = Array.isArray(allow) ? (allow as readonly string[]) : allow instanceof Set ? [...allow] : []
  const issuer = chosen ?? (first as string | undefined)
  if (issuer === undefined)
    throw new UsageError('--config finds its issuers at run time: pass one of them with --issuer')
  const isAllowed = Array.isArray(allow)
    ? allow.includes(issuer)
    : await called('issuer.allow.has()', () => (allow as { has(issuer: string): unknown }).has(issuer))
  if (isAllowed instanceof ConfigurationError) return isAllowed
  if (isAllowed !== true) throw new UsageError('--issuer is not allowed by the resolver in --config')
  const found = await called('issuer.resolve()', () => resolve(issuer))
  if (found instanceof ConfigurationError) return found
  if (typeof found !== 'object' || found === null)
    return new ConfigurationError('issuer.resolve()', 'must return an object with the options of the issuer')
  const options: IssuerOptions = { issuer, ...found }
  return options.issuer === issuer
    ? options
    : new ConfigurationError('issuer.resolve().issuer', 'is another issuer than the one to resolve')
}

/** What a function of the configuration returns. */
async function called<T>(option: string, call: () => T | PromiseLike<T>): Promise<T | ConfigurationError> {
  try {
    return await within(CALL_DEADLINE, call())
  } catch (thrown) {
    if (thrown instanceof NoResult) return new ConfigurationError(option, thrown.message)
    // A preset may throw one. The message of any other error may contain a secret.
    if (thrown instanceof ConfigurationError) return thrown
    return new ConfigurationError(option, `failed (${thrown instanceof Error ? thrown.name : typeof thrown})`)
  }
}
