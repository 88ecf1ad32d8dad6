import { kind, type Provider } from './shape.ts'

// https://docs.github.com/actions/reference/security/oidc

export const githubActions: Provider = async (internet) => {
  const ISSUER = 'https://token.actions.githubusercontent.com'
  const server = await internet.authority({ issuer: ISSUER, keysAt: `${ISSUER}/.well-known/jwks` })
  const job = kind(
    server,
    {
      jti: 'j-1',
      sub: 'repo:acme/shop:environment:production',
      aud: 'https://api.example.com',
      environment: 'production',
      ref: 'refs/heads/main',
      sha: 'a'.repeat(40),
      repository: 'acme/shop',
      repository_id: '74',
      repository_owner: 'acme',
      repository_owner_id: '65',
      run_id: '1',
      event_name: 'push',
      workflow_ref: 'acme/shop/.github/workflows/deploy.yml@refs/heads/main',
    },
    { typ: 'JWT', x5t: 'abc' },
  )
  return {
    'of the repository': () => job(),
    'of another repository': () =>
      job({ repository_id: '75', repository: 'mallory/shop', sub: 'repo:mallory/shop:ref:x' }),
    'of a pull request': () =>
      job({ sub: 'repo:acme/shop:pull_request', environment: undefined, event_name: 'pull_request' }),
    'for another service': () => job({ aud: 'sts.amazonaws.com' }),
    'with the default audience': () => job({ aud: 'https://github.com/acme' }),
    'of GitHub Enterprise Server': () => job({ iss: 'https://github.example.com/_services/token' }),
    'the `GITHUB_TOKEN`': () => `ghs_${'c'.repeat(36)}`,
  }
}
