import type { UpstreamError } from 'bearward'
import type { NetworkProblem } from '../../src/inspect/index.ts'
import type { ObservedFetch } from './observed-fetch.ts'

/** How to fix an upstream error. */
export function fixFor({ code, status, network }: UpstreamError, observed: ObservedFetch): string {
  if (code === 'redirect') {
    const redirect = observed.lastRedirect()
    return redirect ? `configure the target URL, ${redirect.to}: redirects are not followed` : FIXES.redirect
  }
  if (code === 'status' && status === 404)
    return 'check the path; if the issuer can be reached at another URL, use --internal-url'
  if (code === 'network')
    return `${networkFix(network)}; if the issuer can be reached at another URL, use --internal-url`
  return FIXES[code]
}

/** How to fix a connection that failed. */
export const networkFix = (problem: NetworkProblem | undefined): string =>
  problem === undefined ? 'check name, port, certificate and firewall' : NETWORK_FIXES[problem]

const NETWORK_FIXES: Readonly<Record<NetworkProblem, string>> = {
  not_found: 'check the host name, and the name servers of this machine',
  refused: 'check the port, and whether the server runs',
  reset: 'check the port, and whether a proxy or firewall in between ends connections',
  unreachable: 'check the address, and the routes and firewalls of this network',
  timeout: 'check the address and port, and whether a firewall drops the packets',
  tls: 'check the host name in the certificate; for a private authority, start Node with NODE_EXTRA_CA_CERTS=<its PEM file>',
}

export const PUBLISH_USABLE_KEY = 'publish a usable key: RSA with 2048 bits or more, P-256, P-384, P-521 or Ed25519'

const LOOK = 'check the logs of the authorization server and of any proxy in front of it'

const FIXES: Readonly<Record<Exclude<UpstreamError['code'], 'network'>, string>> = {
  timeout: 'find out what is slow: the default timeouts are 3 s for keys and 2 s for introspection',
  status: LOOK,
  redirect: 'configure the target URL: redirects are not followed',
  content_type: `respond with application/json; ${LOOK}`,
  too_large: 'publish fewer keys, or raise limits.keySet and limits.keys',
  json: LOOK,
  shape: LOOK,
  issuer_mismatch: 'use the issuer exactly as the metadata names it',
  insecure_url: 'serve it over https',
  no_usable_keys: PUBLISH_USABLE_KEY,
  client_refused: 'check the client, its secret, --client-auth, and whether it may introspect',
  discovery: 'set the option introspection.endpoint',
  claims: LOOK,
  closed: 'try again',
}
