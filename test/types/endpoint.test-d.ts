// Compiled, never run: see scopes.test-d.ts. Each endpoint is mounted in the way of its framework (F11).
import type { MiddlewareConsumer } from '@nestjs/common'
import type { Endpoint, ResourceServer } from 'bearward'
import { resourceServer as elysiaServer } from 'bearward/elysia'
import { resourceServer as expressServer } from 'bearward/express'
import { resourceServer as fastifyServer } from 'bearward/fastify'
import { resourceServer as fetchServer } from 'bearward/fetch'
import { resourceServer as h3Server } from 'bearward/h3'
import { resourceServer as honoServer } from 'bearward/hono'
import { resourceServer as koaServer } from 'bearward/koa'
import { endpoint as nestEndpoint } from 'bearward/nest'
import { resourceServer as nodeServer } from 'bearward/node'
import { Elysia } from 'elysia'
import express from 'express'
import fastify from 'fastify'
import { H3 } from 'h3'
import { Hono } from 'hono'
import Koa from 'koa'

declare const server: ResourceServer
declare const logout: Endpoint
declare const consumer: MiddlewareConsumer
declare const incoming: Parameters<ReturnType<ReturnType<typeof nodeServer>['endpoint']>>

express().use('/logout', expressServer(server).endpoint(logout))
fastify().route({ url: '/logout', ...fastifyServer(server).endpoint(logout) })
new Hono().all('/logout', honoServer(server).endpoint(logout))
new Koa().use(koaServer(server).endpoint(logout))
new H3().all('/logout', h3Server(server).endpoint(logout))
new H3().use('/logout', h3Server(server).endpoint(logout))
new Elysia().all('/logout', elysiaServer(server).endpoint(logout))
consumer.apply(nestEndpoint(logout)).forRoutes('logout')
const response: Promise<Response | undefined> = fetchServer(server).endpoint(logout)(
  new Request('https://api.example.com'),
)
const responded: Promise<boolean> = nodeServer(server).endpoint(logout)(...incoming)

// @ts-expect-error an endpoint is no guard
fastify().get('/logout', { onRequest: fastifyServer(server).endpoint(logout) }, () => 'reached')
// @ts-expect-error a guard is no endpoint
expressServer(server).endpoint(expressServer(server).protect())

export { responded, response }
