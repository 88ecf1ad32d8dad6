/** The sender or receiver of a message. */
export type Party = 'browser' | 'client' | 'authorization server' | 'API' | 'attacker'

/** A request or response, as sent. */
export interface Message {
  /** The request line or the status line. */
  readonly start: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** What is not displayed, in words. */
  readonly omitted?: string
}

/** The result of a TLS handshake. */
export interface TlsConnection {
  /** Such as `TLSv1.3`. */
  readonly protocol: string
  /** The name in the server's certificate. */
  readonly server: string
  /** The client's certificate; the handshake has proven possession of its key. */
  readonly client: { readonly name: string; readonly thumbprint: string } | undefined
}

export interface Exchange {
  readonly from: Party
  readonly to: Party
  /** Absent for plain HTTP. */
  readonly tls?: TlsConnection
  readonly request: Message
  readonly response: Message
}
