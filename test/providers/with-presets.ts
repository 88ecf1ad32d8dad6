import {
  auth0,
  authentik,
  b2c,
  clerk,
  cognito,
  dex,
  entra,
  entraTenants,
  firebase,
  githubActions,
  gitlab,
  google,
  hydra,
  keycloak,
  kubernetes,
  okta,
  supabase,
  zitadel,
} from 'bearward/providers'
import * as auth0Tokens from '../docs/tokens/auth0.ts'
import * as authentikTokens from '../docs/tokens/authentik.ts'
import * as b2cTokens from '../docs/tokens/b2c.ts'
import * as clerkTokens from '../docs/tokens/clerk.ts'
import * as cognitoTokens from '../docs/tokens/cognito.ts'
import * as dexTokens from '../docs/tokens/dex.ts'
import { entraId } from '../docs/tokens/entra-id.ts'
import * as firebaseTokens from '../docs/tokens/firebase.ts'
import * as githubActionsTokens from '../docs/tokens/github-actions.ts'
import * as gitlabTokens from '../docs/tokens/gitlab.ts'
import * as googleTokens from '../docs/tokens/google.ts'
import * as hydraTokens from '../docs/tokens/hydra.ts'
import * as keycloakTokens from '../docs/tokens/keycloak.ts'
import * as kubernetesTokens from '../docs/tokens/kubernetes.ts'
import * as oktaTokens from '../docs/tokens/okta.ts'
import * as supabaseTokens from '../docs/tokens/supabase.ts'
import * as zitadelTokens from '../docs/tokens/zitadel.ts'
import { API, type ProviderCase } from './catalog.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'
const CUSTOMER = '99999999-2222-3333-4444-555555555555'
const CLIENT_ID = '66666666-7777-8888-9999-aaaaaaaaaaaa'

/** The providers with a preset. */
export const WITH_PRESETS: readonly ProviderCase[] = [
  {
    name: 'Auth0',
    page: 'auth0',
    options: () => auth0({ domain: 'example.eu.auth0.com' }),
    tokens: auth0Tokens.auth0,
    good: 'of a user, Auth0 profile',
    wrong: ['an ID token', 'for another API of the tenant', 'requested without `audience`'],
  },
  {
    name: 'Microsoft Entra ID',
    page: 'entra-id',
    options: () => entra({ tenant: TENANT, audience: CLIENT_ID }),
    tokens: entraId,
    good: 'v2.0 of a user',
    wrong: ['an ID token with `nonce`', 'for Microsoft Graph', 'of another tenant'],
  },
  {
    name: 'Microsoft Entra ID, version 1.0',
    page: 'entra-id',
    options: () => entra({ tenant: TENANT, audience: `api://${CLIENT_ID}`, version: 1 }),
    tokens: entraId,
    good: 'v1.0 of a user',
    wrong: ['v2.0 of a user', 'for Microsoft Graph', 'an ID token with `nonce`'],
  },
  {
    name: 'Microsoft Entra ID, many tenants',
    page: 'entra-id',
    options: () => entraTenants({ tenants: [TENANT, CUSTOMER], audience: CLIENT_ID }),
    tokens: entraId,
    good: 'of a second customer',
    wrong: ['an ID token with `nonce`', 'for Microsoft Graph', 'of another tenant'],
  },
  {
    name: 'Azure AD B2C',
    page: 'b2c',
    options: () => b2c({ tenant: 'contoso', tenantId: TENANT, policy: 'B2C_1_signin', audience: CLIENT_ID }),
    tokens: b2cTokens.b2c,
    good: 'of a user who signed in with `nonce`',
    wrong: ['an ID token', 'for another API', 'of another tenant'],
  },
  {
    name: 'Amazon Cognito',
    page: 'cognito',
    options: () => cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_AbCdEfGhI', clients: ['1example23456789'] }),
    tokens: cognitoTokens.cognito,
    good: 'of a user',
    wrong: ['an ID token', 'of another app client', 'of another user pool'],
  },
  {
    name: 'Amazon Cognito, updated issuer',
    page: 'cognito',
    options: () =>
      cognito({
        region: 'eu-west-1',
        userPoolId: 'eu-west-1_AbCdEfGhI',
        clients: ['1example23456789'],
        issuerType: 'UPDATED',
      }),
    tokens: cognitoTokens.updatedCognito,
    good: 'of a user',
    wrong: ['an ID token', 'of another app client', 'of another user pool'],
  },
  {
    name: 'Keycloak',
    page: 'keycloak',
    options: () => keycloak({ url: 'https://sso.example.com', realm: 'shop', audience: 'orders-api' }),
    tokens: keycloakTokens.keycloak,
    good: 'of a user',
    wrong: ['an ID token', '`aud` is `account`', 'of another realm'],
  },
  {
    name: 'Okta',
    page: 'okta',
    options: () => okta({ domain: 'example.okta.com', audience: 'api://default' }),
    tokens: oktaTokens.okta,
    good: 'of a user',
    wrong: ['an ID token', 'of the org authorization server', 'a refresh token'],
  },
  {
    name: 'Google service accounts',
    page: 'google',
    options: () => google({ audience: API }),
    tokens: googleTokens.google,
    good: 'of the service account',
    wrong: ['an ID token of a user', 'for another service', 'an OAuth access token'],
  },
  {
    name: 'Firebase Authentication',
    page: 'firebase',
    options: () => firebase({ projectId: 'my-project-1' }),
    tokens: firebaseTokens.firebase,
    good: 'an ID token of a user',
    wrong: ['a session cookie', 'a custom token', 'of another project'],
  },
  {
    name: 'Supabase',
    page: 'supabase',
    options: () => supabase({ url: 'https://abcdefghijklmnopqrst.supabase.co' }),
    tokens: supabaseTokens.supabase,
    good: 'of a user',
    wrong: ['the legacy `anon` key', 'a secret key', 'of another project'],
  },
  {
    name: 'Clerk',
    page: 'clerk',
    options: () => clerk({ domain: 'clerk.example.com', clients: ['https://app.example.com'] }),
    tokens: clerkTokens.clerk,
    good: 'a session token',
    wrong: ['an ID token', 'for another origin', 'of another instance'],
  },
  {
    name: 'Ory Hydra',
    page: 'hydra',
    options: () => hydra({ url: 'https://hydra.example.com' }),
    tokens: hydraTokens.hydra,
    good: 'a JWT',
    wrong: ['an ID token', 'for another API', 'requested without `audience`'],
  },
  {
    name: 'ZITADEL',
    page: 'zitadel',
    options: () => zitadel({ domain: 'example-abc123.zitadel.cloud', audience: '200000000000000001' }),
    tokens: zitadelTokens.zitadel,
    good: 'of a user with the role',
    wrong: ['an ID token', 'for another project', 'of another instance'],
  },
  {
    name: 'Dex',
    page: 'dex',
    options: () => dex({ issuer: 'https://dex.example.com', clients: ['orders-web'] }),
    tokens: dexTokens.dex,
    good: 'of a user in the group',
    wrong: ['a refresh token', 'of another client', 'of another server'],
  },
  {
    name: 'authentik',
    page: 'authentik',
    options: () =>
      authentik({ url: 'https://auth.example.com', application: 'orders', audience: 'aBcDeFgHiJkLmNoPqRsTuVwXyZ' }),
    tokens: authentikTokens.authentik,
    good: 'of a user who signed in with `nonce`',
    wrong: ['an ID token', 'of another application', 'for another client'],
  },
  {
    name: 'Kubernetes',
    page: 'kubernetes',
    options: () => kubernetes({ audience: API }),
    tokens: kubernetesTokens.kubernetes,
    good: 'of the service account',
    wrong: ['for the API server', 'of another cluster', 'from a secret (legacy)'],
  },
  {
    name: 'GitHub Actions',
    page: 'github-actions',
    options: () => githubActions({ audience: API }),
    tokens: githubActionsTokens.githubActions,
    good: 'of the repository',
    wrong: ['for another service', 'of GitHub Enterprise Server', 'the `GITHUB_TOKEN`'],
  },
  {
    name: 'GitLab CI/CD',
    page: 'gitlab',
    options: () => gitlab({ audience: API }),
    tokens: gitlabTokens.gitlab,
    good: 'of the project',
    wrong: ['an ID token of a user', 'for another service', 'of another instance'],
  },
]
