import { kind, type Provider, symmetric, times } from './shape.ts'

// https://supabase.com/docs/guides/auth/jwt-fields

const ISSUER = 'https://abcdefghijklmnopqrst.supabase.co/auth/v1'

export const supabase: Provider = async (internet) => {
  const project = await internet.authority({ issuer: ISSUER, keysAt: `${ISSUER}/.well-known/jwks.json` })
  const ofUser = {
    aud: 'authenticated',
    sub: '123e4567-e89b-12d3-a456-426614174000',
    role: 'authenticated',
    aal: 'aal1',
    session_id: '123e4567-e89b-12d3-a456-426614174001',
    email: 'alice@example.com',
    phone: '',
    is_anonymous: false,
    app_metadata: { provider: 'email', providers: ['email'] },
    user_metadata: {},
    amr: [{ method: 'password', timestamp: times().iat }],
  }
  const user = kind(project, ofUser, { typ: 'JWT' })
  return {
    'of a user': () => user(),
    'of an anonymous user': () => user({ is_anonymous: true, email: '' }),
    'of another project': () => user({ iss: 'https://zzzzzzzzzzzzzzzzzzzz.supabase.co/auth/v1' }),
    'of a project with the legacy JWT secret': () => symmetric('HS256', { iss: ISSUER, ...times(), ...ofUser }),
    'the legacy `anon` key': () =>
      symmetric('HS256', { iss: 'supabase', ref: 'abcdefghijklmnopqrst', role: 'anon', ...times() }),
    'a secret key': () => `sb_secret_${'c'.repeat(31)}`,
  }
}
