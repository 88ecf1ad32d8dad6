import { times } from '../../docs/tokens/shape.ts'
import { byClaims } from './by-claims.ts'

// Issuers of tokens for workloads and for proxies, without a preset. Claim names are those of their documentation; the values
// are invented.

const API = 'https://api.example.com'
const { iat } = times()
const forAnother = { aud: 'sts.amazonaws.com' } as const

// https://cloud.google.com/iap/docs/signed-headers-howto
export const identityAwareProxy = byClaims({
  issuer: 'https://cloud.google.com/iap',
  keysAt: 'https://www.gstatic.com/iap/verify/public_key-jwk',
  claims: {
    aud: '/projects/1234567890/global/backendServices/12345',
    sub: 'accounts.google.com:1',
    email: 'alice@example.com',
  },
  others: {
    'for another backend': { aud: '/projects/1234567890/global/backendServices/99999' },
    'an ID token of a service account': { iss: 'https://accounts.google.com', aud: API },
    'an OAuth access token': `ya29.${'c'.repeat(120)}`,
  },
})

// https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/
export const cloudflareAccess = byClaims({
  issuer: 'https://example.cloudflareaccess.com',
  keysAt: 'https://example.cloudflareaccess.com/cdn-cgi/access/certs',
  claims: {
    aud: ['a'.repeat(64)],
    sub: 'u-1',
    type: 'app',
    email: 'alice@example.com',
    identity_nonce: 'n',
    country: 'DE',
    nbf: iat,
  },
  others: {
    'for another application': { aud: ['b'.repeat(64)] },
    'a global session token': { type: 'org', aud: 'example.cloudflareaccess.com' },
    'of another team': { iss: 'https://other.cloudflareaccess.com' },
  },
})

// https://circleci.com/docs/openid-connect-tokens/
export const circleCi = byClaims({
  issuer: 'https://oidc.circleci.com/org/11111111-2222-3333-4444-555555555555',
  claims: { aud: API, sub: 'org/1/project/2/user/3', 'oidc.circleci.com/project-id': '2' },
  others: {
    'for another service': forAnother,
    'with the default audience': { aud: '11111111-2222-3333-4444-555555555555' },
    'of another organization': { iss: 'https://oidc.circleci.com/org/99999999-2222-3333-4444-555555555555' },
  },
})

// https://buildkite.com/docs/pipelines/security/oidc
export const buildkite = byClaims({
  issuer: 'https://agent.buildkite.com',
  claims: {
    aud: API,
    sub: 'organization:acme:pipeline:shop:ref:refs/heads/main',
    organization_slug: 'acme',
    pipeline_slug: 'shop',
    nbf: iat,
  },
  others: {
    'for another service': forAnother,
    'with the default audience': { aud: 'https://buildkite.com/acme' },
    'an agent token': 'c'.repeat(50),
  },
})

// https://vercel.com/docs/oidc/reference
export const vercel = byClaims({
  issuer: 'https://oidc.vercel.com/acme',
  claims: {
    aud: 'https://vercel.com/acme',
    sub: 'owner:acme:project:shop:environment:production',
    owner: 'acme',
    project: 'shop',
    nbf: iat,
  },
  others: {
    'for another team': { aud: 'https://vercel.com/other' },
    'of another team': { iss: 'https://oidc.vercel.com/other', aud: 'https://vercel.com/other' },
    'an API token': 'c'.repeat(24),
  },
})

// https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/
const BITBUCKET = 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc'
export const bitbucket = byClaims({
  issuer: BITBUCKET,
  claims: { aud: 'ari:cloud:bitbucket::workspace/1', sub: '{r-1}:{s-1}', repositoryUuid: '{r-1}', branchName: 'main' },
  others: {
    'for another workspace': { aud: 'ari:cloud:bitbucket::workspace/2' },
    'of another workspace': { iss: BITBUCKET.replace('acme', 'other') },
    'a repository access token': `ATCTT${'c'.repeat(180)}`,
  },
})
