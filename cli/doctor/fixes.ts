import type { UpstreamError } from 'bearward'
import type { ObservedFetch } from './observed-fetch.ts'

/** How to fix an upstream error. */
export function fixFor({ code, status }: UpstreamError, observed: ObservedFetch): string {
  if (code === 'redirect') {
    const redirect = observed.lastRedirect()
    return redirect ? `configure the target URL, ${redirect.to}: redirects are not followed` : FIXES.redirect
  }
  if (code === 'status' && status === 404)
    return 'check the path; if the issuer has another URL from here, use --internal-url'
  return FIXES[code]
}

const LOOK = 'check the logs of the authorization server and of any proxy in front of it'

const FIXES: Readonly<Record<UpstreamError['code'], string>> = {
  timeout: 'find out what is slow: the default timeouts are 3 s for keys and 2 s for introspection',
  network: 'check name, port, certificate and firewall; if the issuer has another URL from here, use --internal-url',
  status: LOOK,
  redirect: 'configure the target URL: redirects are not followed',
  content_type: `respond with application/json; ${LOOK}`,
  too_large: 'publish fewer keys, or raise limits.keySet and limits.keys',
  json: LOOK,
  shape: LOOK,
  issuer_mismatch: 'use the issuer exactly as the metadata names it',
  insecure_url: 'serve it over https',
  no_usable_keys: 'publish a usable key: RSA with 2048 bits or more, P-256, P-384, P-521 or Ed25519',
  client_refused: 'check the client, its secret, --client-auth, and whether it may introspect',
  discovery: 'set the option introspection.endpoint',
  claims: LOOK,
  closed: 'try again',
}
