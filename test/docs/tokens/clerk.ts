import { kind, type Provider } from './shape.ts'

// https://clerk.com/docs/guides/sessions/session-tokens
// https://clerk.com/docs/guides/sessions/jwt-templates

const ISSUER = 'https://clerk.example.com'

/** What only the tokens of sessions have. */
const NO_SESSION = { sid: undefined, v: undefined, sts: undefined, fva: undefined, o: undefined }

export const clerk: Provider = async (internet) => {
  const instance = await internet.authority({ issuer: ISSUER, keysAt: `${ISSUER}/.well-known/jwks.json` })
  const session = kind(
    instance,
    {
      azp: 'https://app.example.com',
      fva: [5, -1],
      sid: 'sess_2example000000000000000000',
      sts: 'active',
      sub: 'user_2example000000000000000000',
      v: 2,
      o: { id: 'org_2example0000000000000000000', rol: 'admin', slg: 'acme' },
    },
    { typ: 'JWT', cat: 'cl_B7d4PD111AAA' },
  )
  return {
    'a session token': () => session(),
    'of a session that is not complete': () => session({ sts: 'pending' }),
    'of a JWT template, for another service': () =>
      session({ aud: 'https://db.example.com', jti: '10db7f531a90cb2faea4', ...NO_SESSION }),
    'for another origin': () => session({ azp: 'https://other.example.com' }),
    'without `azp`': () => session({ azp: undefined }),
    'of another instance': () => session({ iss: 'https://clerk.other.example' }),
    'an OAuth access token': () => session({ azp: undefined, client_id: 'aBcDeFgHiJkLmNoP', sid: undefined }),
    'an ID token': () => session({ azp: undefined, aud: 'aBcDeFgHiJkLmNoP', nonce: 'n-1', at_hash: 'abc' }),
    'a machine token': () => `mt_${'c'.repeat(32)}`,
  }
}
