import 'reflect-metadata'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Controller, Get, type INestApplication, Module, type ModuleMetadata, type Type } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { ResourceServerOptions } from 'bearward'
import type { NestDecorator } from 'bearward/nest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

export const kit = createKit()
export const good = kit.token()

export const options: ResourceServerOptions = {
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: () => NOW,
}

export const PLATFORMS = ['Express', 'Fastify'] as const
export type Platform = (typeof PLATFORMS)[number]

/** Nest without its logger, and without its default of ending the process for what is wrong at startup. */
const settings = { logger: false, abortOnError: false } as const

export async function createApp(platform: Platform, metadata: ModuleMetadata): Promise<INestApplication<Server>> {
  class AppModule {}
  Module(metadata)(AppModule)
  return platform === 'Express'
    ? NestFactory.create(AppModule, new ExpressAdapter(), settings)
    : NestFactory.create(AppModule, new FastifyAdapter(), settings)
}

export async function listen(app: INestApplication<Server>): Promise<number> {
  await app.listen(0, '127.0.0.1')
  return (app.getHttpServer().address() as AddressInfo).port
}

/** A method of a controller or a gateway, with its decorators. */
export interface Method {
  readonly handler: (...args: never[]) => unknown
  readonly on?: readonly MethodDecorator[]
  /** Decorators of the parameters, in order. */
  readonly parameters?: readonly ParameterDecorator[]
}

/** What a developer writes as a class with decorators. */
export function classOf(methods: Readonly<Record<string, Method>>, ...decorators: readonly ClassDecorator[]): Type {
  class Decorated {}
  for (const [name, { handler, on = [], parameters = [] }] of Object.entries(methods)) {
    // Metadata belongs to the function, so each method has its own.
    const value = (...args: never[]) => handler(...args)
    const descriptor = { value, configurable: true, writable: true }
    Object.defineProperty(Decorated.prototype, name, descriptor)
    for (const decorate of on) decorate(Decorated.prototype, name, descriptor)
    for (const [index, decorate] of parameters.entries()) decorate(Decorated.prototype, name, index)
  }
  for (const decorate of decorators) decorate(Decorated)
  return Decorated
}

/** A controller with one route for each method: its name is its path. */
export function controllerOf(methods: Readonly<Record<string, Method>>, ...decorators: readonly NestDecorator[]): Type {
  const routed = Object.entries(methods).map(([name, method]): [string, Method] => [
    name,
    { ...method, on: [...(method.on ?? []), Get(name)] },
  ])
  return classOf(Object.fromEntries(routed), Controller(), ...decorators)
}
