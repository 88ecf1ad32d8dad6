import { kind, type Provider, times } from './shape.ts'

// https://docs.gitlab.com/ci/secrets/id_token_authentication/

export const gitlab: Provider = async (internet) => {
  const server = await internet.authority({
    issuer: 'https://gitlab.com',
    keysAt: 'https://gitlab.com/oauth/discovery/keys',
    metadata: { scopes_supported: ['api', 'read_user', 'read_repository', 'openid'] },
  })
  const job = kind(
    server,
    {
      sub: 'project_path:acme/shop:ref_type:branch:ref:main',
      aud: 'https://api.example.com',
      jti: 'j-1',
      nbf: times().iat,
      project_id: '22',
      project_path: 'acme/shop',
      namespace_id: '72',
      user_login: 'alice',
      pipeline_source: 'push',
      job_id: '302',
      ref: 'main',
      ref_type: 'branch',
      ref_path: 'refs/heads/main',
      ref_protected: 'true',
    },
    { typ: 'JWT' },
  )
  return {
    'of the project': () => job(),
    'of another project': () => job({ project_id: '23', project_path: 'mallory/shop' }),
    'of a branch that is not protected': () => job({ ref: 'topic', ref_protected: 'false' }),
    'for another service': () => job({ aud: 'https://vault.example.com' }),
    'of another instance': () => job({ iss: 'https://gitlab.example.com' }),
    'an ID token of a user': () => job({ aud: 'abc', nonce: 'n-1', auth_time: times().iat }),
    'the `CI_JOB_TOKEN`': () => `glcbt-64_${'c'.repeat(20)}`,
  }
}
