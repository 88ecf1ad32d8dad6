// GraphQL: every request needs a token, and a directive says which scopes a field needs.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node graphql.js

import { serve } from '@hono/node-server'
import type { AccessToken } from 'bearward'
import { resourceServer } from 'bearward/fetch'
import {
  buildSchema,
  defaultFieldResolver,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getDirectiveValues,
  graphql,
  isObjectType,
} from 'graphql'
import { address, issuer, resource } from './settings.ts'

const { protect, metadata } = resourceServer({ resource, issuer, scopes: ['read:orders', 'read:prices'] })

interface Context {
  readonly token: AccessToken
}

const schema = withScopes(
  buildSchema(`
    directive @requireScope(scopes: [String!]!) on FIELD_DEFINITION

    type Order {
      item: String!
      price: Int @requireScope(scopes: ["read:prices"])
    }

    type Query {
      hello: String!
      orders: [Order!] @requireScope(scopes: ["read:orders"])
    }
  `),
)

const rootValue = {
  hello: (_: object, { token }: Context) => `hello ${token.subject ?? 'client'}`,
  orders: () => [{ item: 'tea', price: 4 }],
}

/** Checks the scopes before the resolver of each field that has the directive. */
function withScopes(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type)) for (const field of Object.values(type.getFields())) guard(schema, field)
  }
  return schema
}

function guard(schema: GraphQLSchema, field: GraphQLField<unknown, Context>): void {
  const directive = schema.getDirective('requireScope')
  const values = directive && field.astNode && getDirectiveValues(directive, field.astNode)
  if (!values) return
  const scopes = values.scopes as readonly string[]
  // An empty list would let everyone in.
  if (scopes.length === 0) throw new Error(`@requireScope of ${field.name} has no scopes`)
  const { resolve = defaultFieldResolver } = field
  field.resolve = (source, args, context, info) => {
    if (scopes.every((scope) => context.token.hasScope(scope))) return resolve(source, args, context, info)
    throw new GraphQLError('The token lacks a scope', { extensions: { code: 'FORBIDDEN', scopes } })
  }
}

const serveMetadata = metadata()
const guarded = protect()

async function app(request: Request): Promise<Response> {
  const document = await serveMetadata(request)
  if (document) return document
  const token = await guarded.check(request)
  if (token instanceof Response) return token
  // Pages of other sites can send forms without asking, but not JSON.
  if (request.method !== 'POST' || !/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
    return new Response(null, { status: 415 })
  const body = (await request.json().catch(() => undefined)) as
    | { query?: unknown; variables?: unknown }
    | null
    | undefined
  if (typeof body?.query !== 'string') return new Response(null, { status: 400 })
  const variableValues = body.variables as Record<string, unknown> | null
  return Response.json(
    await graphql({ schema, source: body.query, rootValue, contextValue: { token }, variableValues }),
  )
}

const listener = serve({ fetch: app, ...address }, ({ port }) => console.log(`GraphQL at http://localhost:${port}/`))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => listener.close())
