import { adFs } from '../docs/tokens/ad-fs.ts'
import { other } from '../docs/tokens/other.ts'
import { salesforceAtlassian } from '../docs/tokens/salesforce-atlassian.ts'
import type { ProviderCase } from './catalog.ts'
import { GOOD } from './tokens/by-claims.ts'
import * as products from './tokens/products.ts'
import * as workloads from './tokens/workloads.ts'

/** The providers without a preset, or with more than one returns: the options that an application writes itself. */
export const WITH_OPTIONS: readonly ProviderCase[] = [
  {
    name: 'AD FS',
    page: 'ad-fs',
    options: () => ({
      issuer: 'http://fs.example.com/adfs/services/trust',
      keys: 'https://fs.example.com/adfs/discovery/keys',
    }),
    tokens: adFs,
    good: 'of a user',
    wrong: ['an ID token', 'for another API', 'of another farm'],
  },
  {
    name: 'oidc-provider',
    page: 'other',
    options: () => ({ issuer: 'https://auth.example.com' }),
    tokens: other,
    good: 'a JWT for this API',
    wrong: ['an ID token', 'a refresh token', 'an opaque token for another API'],
  },
  {
    name: 'FusionAuth',
    options: () => ({
      issuer: 'acme.com',
      audience: 'app-1',
      keys: 'https://auth.example.com/.well-known/jwks.json',
    }),
    tokens: products.fusionAuth,
    good: GOOD,
    wrong: ['an ID token', 'for another application', 'of another tenant'],
  },
  {
    name: 'Stytch',
    options: () => ({
      issuer: 'stytch.com/project-live-1',
      audience: 'project-live-1',
      keys: 'https://api.stytch.com/v1/sessions/jwks/project-live-1',
    }),
    tokens: products.stytch,
    good: GOOD,
    wrong: ['a session token', 'for another audience', 'of another project'],
  },
  {
    name: 'PingOne',
    options: () => ({ issuer: 'https://auth.pingone.eu/11111111-2222-3333-4444-555555555555/as' }),
    tokens: products.pingOne,
    good: GOOD,
    wrong: ['an ID token', 'for the PingOne API', 'of another environment'],
  },
  {
    name: 'OneLogin',
    options: () => ({ issuer: 'https://example.onelogin.com/oidc/2' }),
    tokens: products.oneLogin,
    good: GOOD,
    wrong: ['an ID token', 'for another API', 'of another account'],
  },
  {
    name: 'Logto',
    options: () => ({ issuer: 'https://example.logto.app/oidc' }),
    tokens: products.logto,
    good: GOOD,
    wrong: ['an ID token', 'for the Management API', 'of another tenant'],
  },
  {
    name: 'Kinde',
    options: () => ({ issuer: 'https://example.kinde.com' }),
    tokens: products.kinde,
    good: GOOD,
    wrong: ['an ID token', 'for the Management API', 'of another business'],
  },
  {
    name: 'Duende IdentityServer',
    options: () => ({ issuer: 'https://identity.example.com', audience: 'orders-api' }),
    tokens: products.duende,
    good: GOOD,
    wrong: ['an ID token', 'for another API resource', 'of another server'],
  },
  {
    name: 'OpenIddict',
    options: () => ({ issuer: 'https://openiddict.example.com/', audience: 'orders-api' }),
    tokens: products.openIddict,
    good: GOOD,
    wrong: ['an ID token', 'for another resource', 'of another server'],
  },
  {
    name: 'Spring Authorization Server',
    options: () => ({ issuer: 'https://spring.example.com', audience: 'orders-web' }),
    tokens: products.springAuthorizationServer,
    good: GOOD,
    wrong: ['an ID token', 'of another client', 'of another server'],
  },
  {
    name: 'WSO2 Identity Server',
    options: () => ({ issuer: 'https://is.example.com/oauth2/token', audience: 'c-1' }),
    tokens: products.wso2,
    good: GOOD,
    wrong: ['an ID token', 'of another client', 'of another server'],
  },
  {
    name: 'PingAM',
    options: () => ({
      issuer: 'https://am.example.com:443/am/oauth2/realms/root/realms/alpha',
      audience: 'c-1',
    }),
    tokens: products.pingAm,
    good: GOOD,
    wrong: ['an ID token', 'of another client', 'of another realm'],
  },
  {
    name: 'Cloud Foundry UAA',
    options: () => ({ issuer: 'https://uaa.example.com/oauth/token', audience: 'orders' }),
    tokens: products.uaa,
    good: GOOD,
    wrong: ['an ID token', 'a refresh token', 'of another zone'],
  },
  {
    name: 'Rauthy',
    options: () => ({ issuer: 'https://iam.example.com/auth/v1', audience: 'orders-web' }),
    tokens: products.rauthy,
    good: GOOD,
    wrong: ['an ID token', 'a refresh token', 'of another client'],
  },
  {
    name: 'Authelia',
    options: () => ({ issuer: 'https://auth.example.com' }),
    tokens: products.authelia,
    good: GOOD,
    wrong: ['an ID token', 'for another API', 'an opaque token'],
  },
  {
    name: 'Salesforce, JWTs',
    page: 'salesforce-atlassian',
    options: () => ({
      issuer: 'https://example.my.salesforce.com',
      audience: 'https://example.my.salesforce.com',
      clients: ['3MVG9example'],
      keys: 'https://example.my.salesforce.com/id/keys',
    }),
    tokens: salesforceAtlassian,
    good: 'a JWT of the app',
    wrong: ['an ID token of Salesforce', 'a JWT of another app', 'of another organization'],
  },
  {
    name: 'Atlassian Forge',
    page: 'salesforce-atlassian',
    options: () => ({
      issuer: 'forge/invocation-token',
      audience: 'ari:cloud:ecosystem::app/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      keys: 'https://forge.cdn.prod.atlassian-dev.net/.well-known/jwks.json',
    }),
    tokens: salesforceAtlassian,
    good: 'of the Forge app',
    wrong: ['of another Forge app', 'an access token of OAuth 2.0 (3LO)', 'a JWT of a Connect app'],
  },
  {
    name: 'Google Identity-Aware Proxy',
    page: 'google',
    options: () => ({
      issuer: 'https://cloud.google.com/iap',
      audience: '/projects/1234567890/global/backendServices/12345',
      keys: 'https://www.gstatic.com/iap/verify/public_key-jwk',
    }),
    tokens: workloads.identityAwareProxy,
    good: GOOD,
    wrong: ['for another backend', 'an ID token of a service account', 'an OAuth access token'],
  },
  {
    name: 'Cloudflare Access',
    options: () => ({
      issuer: 'https://example.cloudflareaccess.com',
      audience: 'a'.repeat(64),
      keys: 'https://example.cloudflareaccess.com/cdn-cgi/access/certs',
    }),
    tokens: workloads.cloudflareAccess,
    good: GOOD,
    wrong: ['for another application', 'a global session token', 'of another team'],
  },
  {
    name: 'CircleCI',
    options: () => ({ issuer: 'https://oidc.circleci.com/org/11111111-2222-3333-4444-555555555555' }),
    tokens: workloads.circleCi,
    good: GOOD,
    wrong: ['for another service', 'with the default audience', 'of another organization'],
  },
  {
    name: 'Buildkite',
    options: () => ({ issuer: 'https://agent.buildkite.com' }),
    tokens: workloads.buildkite,
    good: GOOD,
    wrong: ['for another service', 'with the default audience', 'an agent token'],
  },
  {
    name: 'Vercel',
    options: () => ({ issuer: 'https://oidc.vercel.com/acme', audience: 'https://vercel.com/acme' }),
    tokens: workloads.vercel,
    good: GOOD,
    wrong: ['for another team', 'of another team', 'an API token'],
  },
  {
    name: 'Bitbucket Pipelines',
    options: () => ({
      issuer: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
      audience: 'ari:cloud:bitbucket::workspace/1',
    }),
    tokens: workloads.bitbucket,
    good: GOOD,
    wrong: ['for another workspace', 'of another workspace', 'a repository access token'],
  },
]
