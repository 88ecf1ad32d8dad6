import { pinned } from './workshop.ts'

export interface Consumer {
  readonly name: string
  /** The packages that it installs beside bearward. */
  readonly packages: readonly string[]
  /** The subpath it uses. */
  readonly entry: string
  /** Compiled, not run: the program of the README, and checks of types around it. */
  readonly types: string
  /** Run with plain `node`. */
  readonly programs: readonly string[]
  readonly lib: readonly string[]
  readonly typeRoots: readonly string[]
  /** Another framework that its packages depend on. */
  readonly brings?: string
  /** What else its compiler needs. */
  readonly compilerOptions?: Readonly<Record<string, unknown>>
}

const nodeTypes = pinned('@types/node')
const onNode = { lib: ['ES2023'], typeRoots: ['node'] } as const

/** The declarations of these frameworks need types that they do not install. */
const ITS_OWN_TYPES = { skipLibCheck: true } as const

/** Each has at most one framework: an optional peer that is missing must not break anything. */
export const CONSUMERS: readonly Consumer[] = [
  {
    name: 'core only, types of Node',
    packages: [nodeTypes],
    entry: 'bearward',
    types: 'consumers/core.ts',
    programs: ['programs/core.mjs', 'programs/core.cjs'],
    ...onNode,
  },
  {
    name: 'core only, types of the web',
    packages: [],
    entry: 'bearward',
    types: 'consumers/core.ts',
    programs: [],
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    typeRoots: [],
  },
  {
    name: 'express 5',
    packages: [pinned('express'), pinned('@types/express'), nodeTypes],
    entry: 'bearward/express',
    types: 'consumers/express.ts',
    programs: ['programs/express.mjs'],
    ...onNode,
  },
  {
    name: 'express 4',
    packages: [pinned('express4'), '@types/express@4.17.25', nodeTypes],
    entry: 'bearward/express',
    types: 'consumers/express.ts',
    programs: ['programs/express.mjs'],
    ...onNode,
  },
  {
    name: 'fastify',
    packages: [pinned('fastify'), nodeTypes],
    entry: 'bearward/fastify',
    types: 'consumers/fastify.ts',
    programs: ['programs/fastify.mjs'],
    ...onNode,
  },
  {
    name: 'hono',
    packages: [pinned('hono')],
    entry: 'bearward/hono',
    types: 'consumers/hono.ts',
    programs: ['programs/hono.mjs'],
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    typeRoots: [],
  },
  {
    name: 'koa',
    packages: [pinned('koa'), pinned('@types/koa'), nodeTypes],
    entry: 'bearward/koa',
    types: 'consumers/koa.ts',
    programs: ['programs/koa.mjs'],
    ...onNode,
  },
  {
    name: 'NestJS',
    packages: [
      pinned('@nestjs/common'),
      pinned('@nestjs/core'),
      pinned('@nestjs/platform-express'),
      pinned('reflect-metadata'),
      pinned('rxjs'),
      nodeTypes,
    ],
    entry: 'bearward/nest',
    brings: 'express',
    types: 'consumers/nest.ts',
    programs: ['programs/nest.mjs', 'programs/nest.cjs'],
    lib: ['ES2023', 'DOM'], // the declarations of Nest need types of the web
    typeRoots: ['node'],
    compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true },
  },
  {
    name: 'h3 2',
    packages: [pinned('h3'), nodeTypes],
    entry: 'bearward/h3',
    types: 'consumers/h3.ts',
    programs: ['programs/h3.mjs'],
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    typeRoots: ['node'],
    compilerOptions: ITS_OWN_TYPES,
  },
  {
    name: 'h3 1',
    packages: [pinned('h3v1'), nodeTypes],
    entry: 'bearward/h3',
    types: 'consumers/h3v1.ts',
    programs: ['programs/h3v1.mjs'],
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    typeRoots: ['node'],
    compilerOptions: ITS_OWN_TYPES,
  },
  {
    name: 'elysia',
    packages: [pinned('elysia'), nodeTypes],
    entry: 'bearward/elysia',
    types: 'consumers/elysia.ts',
    programs: ['programs/elysia.mjs'],
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    typeRoots: ['node'],
    compilerOptions: ITS_OWN_TYPES,
  },
  {
    name: 'fetch, types of the web',
    packages: [],
    entry: 'bearward/fetch',
    types: 'consumers/fetch.ts',
    programs: ['programs/fetch.mjs'],
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    typeRoots: [],
  },
  {
    name: 'node:http',
    packages: [nodeTypes],
    entry: 'bearward/node',
    types: 'consumers/node.ts',
    programs: ['programs/node.mjs'],
    ...onNode,
  },
  {
    name: 'node-redis and ioredis',
    packages: [pinned('redis'), pinned('ioredis'), nodeTypes],
    entry: 'bearward/redis',
    types: 'consumers/redis.ts',
    programs: ['programs/redis.mjs'],
    ...onNode,
  },
  {
    name: 'prom-client',
    packages: [pinned('prom-client'), nodeTypes],
    entry: 'bearward/prometheus',
    types: 'consumers/prometheus.ts',
    programs: ['programs/prometheus.mjs'],
    ...onNode,
  },
  {
    name: 'OpenTelemetry',
    packages: [pinned('@opentelemetry/api'), pinned('@opentelemetry/sdk-metrics'), nodeTypes],
    entry: 'bearward/opentelemetry',
    types: 'consumers/opentelemetry.ts',
    programs: ['programs/opentelemetry.mjs'],
    ...onNode,
  },
  {
    name: 'revocation, types of the web',
    packages: [],
    entry: 'bearward/revocation',
    types: 'consumers/revocation.ts',
    programs: ['programs/revocation.mjs'],
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    typeRoots: [],
  },
  {
    name: 'JWTs only, types of the web',
    packages: [],
    entry: 'bearward/jwt-only',
    types: 'consumers/jwt-only.ts',
    programs: ['programs/jwt-only.mjs'],
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    typeRoots: [],
  },
  {
    name: 'status lists, types of the web',
    packages: [],
    entry: 'bearward/status-list',
    types: 'consumers/status-list.ts',
    programs: ['programs/status-list.mjs'],
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    typeRoots: [],
  },
  {
    name: 'the test kit',
    packages: [nodeTypes],
    entry: 'bearward/testing',
    types: 'consumers/testing.ts',
    programs: ['programs/testing.mjs'],
    ...onNode,
  },
  {
    name: 'the MCP SDK',
    packages: [pinned('@modelcontextprotocol/server'), nodeTypes],
    entry: 'bearward/mcp',
    types: 'consumers/mcp.ts',
    programs: ['programs/mcp.mjs'],
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    typeRoots: ['node'],
  },
  {
    name: 'the MCP adapter without the SDK',
    packages: [nodeTypes],
    entry: 'bearward/mcp',
    types: 'consumers/mcp-alone.ts',
    programs: ['programs/mcp-alone.mjs'],
    ...onNode,
  },
]

/** The oldest supported version, the current one, and the next one. */
export const COMPILERS = ['5.9.3', '6.0.3', '7.0.2'] as const

export const RESOLUTIONS = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
] as const

export const FRAMEWORKS = ['express', 'fastify', 'hono'] as const
