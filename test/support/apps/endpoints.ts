import type { RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Endpoint, ResourceServer } from 'bearward'
import { resourceServer as expressServer } from 'bearward/express'
import { resourceServer as fastifyServer } from 'bearward/fastify'
import { resourceServer as fetchServer } from 'bearward/fetch'
import { resourceServer as honoServer } from 'bearward/hono'
import { resourceServer as koaServer } from 'bearward/koa'
import { resourceServer as nodeServer } from 'bearward/node'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'

type Mount = (server: ResourceServer, endpoints: Readonly<Record<string, Endpoint>>) => RequestListener

/** Mounts endpoints by their paths, in the way of each framework. What an endpoint does not respond to is 404. */
export const ENDPOINT_MOUNTS: Readonly<
  Record<string, (...args: Parameters<Mount>) => ReturnType<Mount> | Promise<ReturnType<Mount>>>
> = {
  Express(server, endpoints) {
    const { endpoint } = expressServer(server)
    const app = express()
    app.set('env', 'test')
    for (const [path, one] of Object.entries(endpoints)) app.use(path, endpoint(one))
    return app as RequestListener
  },
  async Fastify(server, endpoints) {
    const { endpoint } = fastifyServer(server)
    const app = fastify()
    for (const [url, one] of Object.entries(endpoints)) app.route({ url, ...endpoint(one) })
    await app.ready()
    return (request, response) => app.routing(request, response)
  },
  Hono(server, endpoints) {
    const { endpoint } = honoServer(server)
    const app = new Hono()
    for (const [path, one] of Object.entries(endpoints)) app.all(path, endpoint(one))
    app.onError((_, context) => context.body(null, 500))
    return getRequestListener(app.fetch)
  },
  fetch(server, endpoints) {
    const { endpoint } = fetchServer(server)
    return getRequestListener(async (request) => {
      const one = endpoints[new URL(request.url).pathname]
      const response = one && (await endpoint(one)(request))
      return response ?? new Response(null, { status: 404 })
    })
  },
  node(server, endpoints) {
    const { endpoint } = nodeServer(server)
    return async (request, response) => {
      const one = endpoints[request.url?.split('?', 1)[0] ?? '']
      if (!one || !(await endpoint(one)(request, response))) response.writeHead(404).end()
    }
  },
  Koa(server, endpoints) {
    const { endpoint } = koaServer(server)
    const app = new Koa()
    app.silent = true // otherwise Koa logs each connection that ends early, whatever a middleware does
    for (const [path, one] of Object.entries(endpoints)) {
      const mounted = endpoint(one)
      app.use((context, next) => (context.path === path ? mounted(context, next) : next()))
    }
    return app.callback()
  },
}
