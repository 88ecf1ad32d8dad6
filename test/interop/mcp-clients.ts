import {
  Client as Client2,
  type DpopSession,
  StreamableHTTPClientTransport as Transport2,
} from '@modelcontextprotocol/client'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { type FormInput, followTo } from '../support/http/user-agent.ts'

// The SDK's own clients, unmodified, with what an application provides: storage and a browser.

const REDIRECT = 'http://127.0.0.1/signed-in'

const METADATA = {
  client_name: 'An unregistered client',
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

interface StoredState {
  client?: { client_id: string }
  tokens?: Tokens
  verifier?: string
  /** Where the user signs in. */
  goTo?: URL
  discovery?: { authorizationServerUrl: string }
}

/** The storage that the application provides to the SDK: its `OAuthClientProvider`. */
export function createBoundedCache() {
  const stored: StoredState = {}
  return {
    stored,
    redirectUrl: REDIRECT,
    clientMetadata: METADATA,
    clientInformation: () => stored.client,
    saveClientInformation(client: { client_id: string }) {
      stored.client = client
    },
    tokens: () => stored.tokens,
    saveTokens(tokens: Tokens) {
      stored.tokens = tokens
    },
    redirectToAuthorization(url: URL) {
      stored.goTo = url
    },
    saveCodeVerifier(verifier: string) {
      stored.verifier = verifier
    },
    codeVerifier: () => stored.verifier ?? '',
    discoveryState: () => stored.discovery,
    saveDiscoveryState(found: { authorizationServerUrl: string }) {
      stored.discovery = found
    },
  }
}

export type BoundedCache = ReturnType<typeof createBoundedCache>

export interface McpClient {
  readonly memory: BoundedCache
  /** Connects; rejects if the user has to sign in first. */
  connect(): Promise<void>
  /** As the user, in a browser: signs in, consents, and returns. */
  signIn(choices?: FormInput): Promise<URL>
  /** The text result of a tool. */
  call(tool: string, parameters?: Record<string, unknown>): Promise<string>
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
    async signIn(choices) {
      const { goTo } = memory.stored
      if (!goTo) throw new Error('no sign-in was requested')
      delete memory.stored.goTo
      const back = await followTo(REDIRECT, goTo, choices)
      await current.finish(back.searchParams)
      return goTo
    },
    async call(name, parameters = {}) {
      const result = (await current.callTool({ name, arguments: parameters })) as {
        content: readonly { text?: string }[]
      }
      return result.content.map((part) => part.text).join('')
    },
    close: () => current.close(),
  }
}

const WHO = { name: 'test-client', version: '1.0.0' }

/** By SDK generation. */
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
