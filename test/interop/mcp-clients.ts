import {
  Client as Client2,
  type DpopSession,
  StreamableHTTPClientTransport as Transport2,
} from '@modelcontextprotocol/client'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { type FormInput, followTo } from '../support/http/user-agent.ts'

// The SDK's own clients, unmodified, and the part that an application brings: a memory, and a browser.

const REDIRECT = 'http://127.0.0.1/signed-in'

const METADATA = {
  client_name: 'A client that nobody knows',
  redirect_uris: [REDIRECT],
  grant_types: ['authorization_code'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  application_type: 'native',
}

interface Tokens {
  access_token: string
  token_type: string
  scope?: string
}

interface Kept {
  client?: { client_id: string }
  tokens?: Tokens
  verifier?: string
  /** Where the user is to sign in. */
  goTo?: URL
  discovery?: { authorizationServerUrl: string }
}

/** What the application keeps for the SDK: its `OAuthClientProvider`. */
export function createBoundedCache() {
  const kept: Kept = {}
  return {
    kept,
    redirectUrl: REDIRECT,
    clientMetadata: METADATA,
    clientInformation: () => kept.client,
    saveClientInformation(client: { client_id: string }) {
      kept.client = client
    },
    tokens: () => kept.tokens,
    saveTokens(tokens: Tokens) {
      kept.tokens = tokens
    },
    redirectToAuthorization(url: URL) {
      kept.goTo = url
    },
    saveCodeVerifier(verifier: string) {
      kept.verifier = verifier
    },
    codeVerifier: () => kept.verifier ?? '',
    discoveryState: () => kept.discovery,
    saveDiscoveryState(found: { authorizationServerUrl: string }) {
      kept.discovery = found
    },
  }
}

export type BoundedCache = ReturnType<typeof createBoundedCache>

export interface McpClient {
  readonly memory: BoundedCache
  /** Connects; rejects where somebody has to sign in first. */
  connect(): Promise<void>
  /** As the user, in a browser: signs in, agrees, and comes back. */
  signIn(answers?: FormInput): Promise<URL>
  /** The text that a tool answers with. */
  call(tool: string, given?: Record<string, unknown>): Promise<string>
  close(): Promise<void>
}

interface Parts {
  readonly memory: BoundedCache
  /** A new client with a new transport. */
  open(): {
    connect(): Promise<void>
    finish(callback: URLSearchParams): Promise<void>
    callTool(call: { name: string; arguments?: Record<string, unknown> }): Promise<unknown>
    close(): Promise<void>
  }
}

function client({ memory, open }: Parts): McpClient {
  let current = open()
  return {
    memory,
    async connect() {
      await current.close()
      current = open()
      await current.connect()
    },
    async signIn(answers) {
      const { goTo } = memory.kept
      if (!goTo) throw new Error('nobody asked to sign in')
      delete memory.kept.goTo
      const back = await followTo(REDIRECT, goTo, answers)
      await current.finish(back.searchParams)
      return goTo
    },
    async call(name, given = {}) {
      const result = (await current.callTool({ name, arguments: given })) as { content: readonly { text?: string }[] }
      return result.content.map((part) => part.text).join('')
    },
    close: () => current.close(),
  }
}

const WHO = { name: 'somebody', version: '1.0.0' }

/** By the generation of the SDK. */
export const CLIENTS = {
  '1.x': (url: string): McpClient => {
    const memory = createBoundedCache()
    return client({
      memory,
      open() {
        const sdk = new Client1(WHO)
        const transport = new Transport1(new URL(url), { authProvider: memory })
        return {
          connect: () => sdk.connect(transport as Parameters<typeof sdk.connect>[0]),
          finish: (callback) => transport.finishAuth(callback.get('code') ?? ''),
          callTool: (call) => sdk.callTool(call),
          close: () => sdk.close(),
        }
      },
    })
  },
  '2.x': (url: string, session?: DpopSession): McpClient => {
    const memory = { ...createBoundedCache(), ...(session && { dpop: () => session }) }
    return client({
      memory,
      open() {
        const sdk = new Client2(WHO)
        const transport = new Transport2(new URL(url), { authProvider: memory })
        return {
          connect: () => sdk.connect(transport),
          finish: (callback) => transport.finishAuth(callback),
          callTool: (call) => sdk.callTool(call),
          close: () => sdk.close(),
        }
      },
    })
  },
} as const
