import type { UpstreamError } from 'bearward'
import type { ObservedFetch } from './observed-fetch.ts'

/** What is to be done about an upstream that fails, is slow, or answers nonsense. */
export function fixFor({ code: fault, status }: UpstreamError, observed: ObservedFetch): string {
  if (fault === 'redirect') {
    const redirect = observed.lastRedirect()
    return redirect ? `name the place it leads to, ${redirect.to}, since redirects are not followed` : FIXES.redirect
  }
  if (fault === 'status' && status === 404)
    return 'look for a wrong path; for another place to reach it, see --internal-url'
  return FIXES[fault]
}

const LOOK = 'look into the logs of the authorization server, or of what stands in front of it'

const FIXES: Readonly<Record<UpstreamError['code'], string>> = {
  timeout: 'find out what is slow: by default, keys are waited for for 3 s and introspection for 2 s',
  network: 'check name, port, certificate and firewall; for another place to reach it, see --internal-url',
  status: LOOK,
  redirect: 'name the place it leads to, since redirects are not followed',
  content_type: `have it answered as application/json; ${LOOK}`,
  too_large: 'have fewer keys in the set, or raise limits.keySet and limits.keys',
  json: LOOK,
  shape: LOOK,
  issuer_mismatch: 'use the issuer exactly as the metadata names it',
  insecure_url: 'have it served over https',
  no_usable_keys: 'publish a key that can be used: RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519',
  client_refused: 'check the client, its secret, --client-auth, and whether it may introspect',
  discovery: 'name the endpoint in the options: introspection.endpoint',
  claims: LOOK,
  closed: 'try again',
}
