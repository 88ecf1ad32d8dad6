import { type ClientCertificate, createClientCertificate } from 'bearward/testing'

/** All certificates of a playground: new with each start, in memory only, and good for nothing outside of it. */
export interface Certificates {
  readonly authorizationServer: ClientCertificate
  readonly api: ClientCertificate
  /** Of the client with a certificate. */
  readonly depot: ClientCertificate
  /** Of somebody who has stolen the depot's token: as good as the depot's, but not the depot's. */
  readonly thief: ClientCertificate
}

/** The name under which clients reach the token endpoint over TLS: certificates here name hosts, not addresses. */
export const TOKEN_HOST = 'localhost'

/** @param apiHost the name that the API has for the world */
export async function createCertificates(apiHost: string): Promise<Certificates> {
  const [authorizationServer, api, depot, thief] = await Promise.all([
    createClientCertificate(TOKEN_HOST),
    createClientCertificate(apiHost),
    createClientCertificate('depot'),
    createClientCertificate('thief'),
  ])
  return { authorizationServer, api, depot, thief }
}
