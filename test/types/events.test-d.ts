// Compiled, never run: see scopes.test-d.ts. `onEvent` gets the request of its framework.
import type { IncomingMessage } from 'node:http'
import { type BearwardEvent, createResourceServer } from 'bearward'
import { resourceServer as express } from 'bearward/express'
import { resourceServer as fastify } from 'bearward/fastify'
import fastifyPlugin from 'bearward/fastify/plugin'
import { resourceServer as fetch } from 'bearward/fetch'
import { resourceServer as hono } from 'bearward/hono'
import { resourceServer as koa } from 'bearward/koa'
import { resourceServer as node } from 'bearward/node'
import { fastify as createApp } from 'fastify'
import type { Context } from 'hono'

const base = { resource: 'https://api.example.com', issuer: 'https://auth.example.com' }

express({ ...base, onEvent: (_event, request) => void request?.originalUrl.length })
fastify({ ...base, onEvent: (_event, request) => void request?.routeOptions.url })
hono({ ...base, onEvent: (_event, context) => void context?.req.path.length })
fetch({ ...base, onEvent: (_event, request) => void request?.url.length })
koa({ ...base, onEvent: (_event, context) => void context?.path.length })
node({ ...base, onEvent: (_event, request) => void request?.rawHeaders.length })
createApp().register(fastifyPlugin, { ...base, onEvent: (_event, request) => void request?.routeOptions.url })

// @ts-expect-error an event such as a fetch has no request
express({ ...base, onEvent: (_event, request) => void request.originalUrl })
// @ts-expect-error the request of another framework
express({ ...base, onEvent: (_event: BearwardEvent, request: Context | undefined) => void request?.req.path })

// Without a framework, it is any object, unless the listener says which.
createResourceServer({ ...base, onEvent: (_event, request: object | undefined) => void request })
createResourceServer({ ...base, onEvent: (_event, request: IncomingMessage | undefined) => void request?.url })
// @ts-expect-error nothing is known of it
createResourceServer({ ...base, onEvent: (_event, request) => void request?.url })

// A listener that does not need the request is one for all.
const log = (event: BearwardEvent): void => console.info(event.type)
express({ ...base, onEvent: log })
hono({ ...base, onEvent: log })
