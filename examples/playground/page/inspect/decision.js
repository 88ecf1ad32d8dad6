// RFC 6750 §3.1 determines the status. In the order in which the API checks.
const ORDER = [
  'token_too_large',
  'algorithm',
  'malformed',
  'issuer',
  'token_type',
  'unknown_key',
  'signature',
  'missing_claim',
  'audience',
  'expired',
  'not_yet_valid',
  'confirmation',
]

const ROUTES = [
  ['GET /orders', 'read:orders'],
  ['POST /orders', 'write:orders'],
]

/** How the API would decide, from the findings. */
export function decide(found, claims) {
  const refusals = found.filter(({ outcome }) => outcome === 'refused')
  if (refusals.length > 0) {
    const [first] = refusals.toSorted((one, other) => ORDER.indexOf(one.reason) - ORDER.indexOf(other.reason))
    return {
      outcome: 'refused',
      reason: first.reason,
      title: 'The API would refuse it: 401 invalid_token',
      lines: [`${first.name}: ${first.text}`, ...others(refusals, first)],
    }
  }
  const scopes = [claims.scope, claims.scp].flatMap((one) => (typeof one === 'string' ? one.split(' ') : one))
  return {
    outcome: 'good',
    bound: claims.cnf !== undefined,
    title: `The API would accept it${condition(claims.cnf)}`,
    lines: ROUTES.map(([route, needed]) =>
      scopes.includes(needed)
        ? `${route}: yes`
        : `${route}: 403 insufficient_scope, requires ${needed} (RFC 6750 §3.1)`,
    ),
  }
}

const others = (refusals, first) => {
  const names = new Set(refusals.filter((one) => one !== first).map(({ name }) => name))
  return names.size === 0 ? [] : [`Other failures: ${[...names].join(', ')}`]
}

/** What else the request must prove. */
function condition(cnf) {
  if (cnf?.jkt !== undefined) return ', with a proof of its key'
  return cnf === undefined ? '' : ', over TLS with its certificate'
}
