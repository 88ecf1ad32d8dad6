/** Who speaks. */
export type Party = 'browser' | 'client' | 'authorization server' | 'API' | 'attacker'

/** One half of an exchange, as it went over the wire. */
export interface Message {
  /** The request line or the status line. */
  readonly start: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** What is not shown, in words. */
  readonly omitted?: string
}

/** What both ends know of a TLS connection, once its handshake is over. */
export interface TlsConnection {
  /** Such as `TLSv1.3`. */
  readonly protocol: string
  /** The name in the certificate of the server. */
  readonly server: string
  /** The certificate that the client presented, and whose key it has proven to hold. */
  readonly client: { readonly name: string; readonly thumbprint: string } | undefined
}

export interface Exchange {
  readonly from: Party
  readonly to: Party
  /** The connection that both went over, where it was TLS. */
  readonly tls?: TlsConnection
  readonly request: Message
  readonly answer: Message
}
