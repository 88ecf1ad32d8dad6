import type { Type } from '@nestjs/common'
import { MetadataScanner, type ModulesContainer } from '@nestjs/core'
import { isGuarded, isGuardedByOurs, isPublic } from './nest-guard.ts'

// How Nest marks a gateway, one of its messages, a message of a microservice, and a GraphQL resolver. It runs guards for these
// and for controllers.
const GATEWAY = 'websockets:is_gateway'
const MESSAGE = 'websockets:message_mapping'
const PATTERN = 'microservices:pattern'
const RESOLVER = 'graphql:resolver_type'

interface Found {
  readonly metatype: Type | undefined
}

/** Decorators and imports of ours that would not do what they say, in words for a developer. */
export function mistakesIn(modules: ModulesContainer, own: Type, global: boolean): readonly string[] {
  const all = [...modules.values()]
  const classesIn = (found: ReadonlyMap<unknown, unknown>) =>
    [...found.values()].flatMap((one) => (one as Found).metatype ?? [])
  const controllers = all.flatMap((module) => classesIn(module.controllers))
  const providers = all.flatMap((module) => classesIn(module.providers)).filter(({ prototype }) => prototype)
  return [
    ...(all.filter(({ metatype }) => metatype === own).length > 1 ? [TWICE] : []),
    ...[...controllers, ...providers.filter(isGateway)].flatMap(contradictionsIn),
    ...providers.filter((one) => !isGateway(one) && !isResolver(one)).flatMap(guardsWithoutEffect),
    ...providers.filter(isResolver).flatMap(guardsOfResolvers),
    ...(global ? providers.filter(isGateway).flatMap((one) => openIn(one, MESSAGE, OPEN_GATEWAY)) : []),
    ...(global ? controllers.flatMap((one) => openIn(one, PATTERN, OPEN_MICROSERVICE)) : []),
  ]
}

const TWICE = 'import BearwardModule once; guards would use only one of the resource servers'

const isGateway = (metatype: Type): boolean => Reflect.hasMetadata(GATEWAY, metatype)

const isResolver = (metatype: Type): boolean => Reflect.hasMetadata(RESOLVER, metatype)

/** `@Public()` where a decorator of ours guards all the same. */
const contradictionsIn = (metatype: Type): string[] =>
  targetsIn(metatype)
    .filter(([, target]) => isPublic(target) && (isGuarded(target) || isGuarded(metatype)))
    .map(([name]) => `${name} is @Public(), but a decorator of it or of its class requires a token: remove one of them`)

/** Decorators on a service: Nest runs no guards for it. */
const guardsWithoutEffect = (metatype: Type): string[] =>
  targetsIn(metatype)
    .filter(([, target]) => isGuarded(target))
    .map(([name]) => `the decorator of ${name} guards nothing: move it to a controller or a gateway`)

/** Decorators of ours on a resolver: for a field, Nest runs no guards by default, and elsewhere ours only throw. */
const guardsOfResolvers = (metatype: Type): string[] =>
  targetsIn(metatype)
    .filter(([, target]) => isGuardedByOurs(target))
    .map(
      ([name]) => `the decorator of ${name} cannot guard a resolver: call verify(token) of the resource server there`,
    )

/** Messages that `global: true` does not reach. */
const openIn = (metatype: Type, mark: string, why: string): string[] =>
  targetsIn(metatype)
    .filter(([, target]) => Reflect.hasMetadata(mark, target))
    .filter(([, target]) => ![target, metatype].some((one) => isGuarded(one) || isPublic(one)))
    .map(([name]) => `${name} is open, since Nest runs no global guards for ${why}`)

const OPEN_GATEWAY = 'gateways: add @Protect() or @Public()'
const OPEN_MICROSERVICE =
  'the microservices of a hybrid application: add @Public(), and call verify(token) of the resource server'

/** The class and its methods, with their names. */
function targetsIn(metatype: Type): [name: string, target: object][] {
  const prototype = metatype.prototype as Record<string, object>
  const methods = new MetadataScanner().getAllMethodNames(prototype)
  return [
    [metatype.name, metatype],
    ...methods.map((name): [string, object] => [`${metatype.name}.${name}`, prototype[name] as object]),
  ]
}
