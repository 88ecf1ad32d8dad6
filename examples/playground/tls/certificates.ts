import { type ClientCertificate, createClientCertificate } from 'bearward/testing'

/** The certificates of a playground: new at each start, in memory only, and trusted nowhere else. */
export interface Certificates {
  readonly authorizationServer: ClientCertificate
  readonly api: ClientCertificate
  /** The certificate of the depot client. */
  readonly depot: ClientCertificate
  /** A valid certificate of a thief who has stolen the depot's token. */
  readonly thief: ClientCertificate
}

/** The token endpoint's host over TLS: the certificates name hosts, not addresses. */
export const TOKEN_HOST = 'localhost'

/** @param apiHost the public host name of the API */
export async function createCertificates(apiHost: string): Promise<Certificates> {
  const [authorizationServer, api, depot, thief] = await Promise.all([
    createClientCertificate(TOKEN_HOST),
    createClientCertificate(apiHost),
    createClientCertificate('depot'),
    createClientCertificate('thief'),
  ])
  return { authorizationServer, api, depot, thief }
}
