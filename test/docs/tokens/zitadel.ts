import { kind, type Provider, times } from './shape.ts'

// https://zitadel.com/docs/apis/openidoauth/claims

const ISSUER = 'https://example-abc123.zitadel.cloud'
const PROJECT = '200000000000000001'
const ROLES = `urn:zitadel:iam:org:project:${PROJECT}:roles`

export const zitadel: Provider = async (internet) => {
  const instance = await internet.authority({ issuer: ISSUER, keysAt: `${ISSUER}/oauth/v2/keys` })
  const { iat } = times()
  const user = kind(
    instance,
    {
      sub: '300000000000000001',
      aud: ['400000000000000001', PROJECT],
      client_id: '400000000000000001',
      nbf: iat,
      jti: 'V2_1-at_2',
      [ROLES]: { editor: { '500000000000000001': 'acme.example.com' } },
    },
    { typ: 'JWT' },
  )
  return {
    'of a user with the role': () => user(),
    'without the role': () => user({ [ROLES]: undefined }),
    'for another project': () => user({ aud: ['400000000000000001', '200000000000000002'] }),
    'an ID token': () =>
      user({ amr: ['pwd'], auth_time: iat, azp: '400000000000000001', at_hash: 'abc', nonce: 'n-1' }),
    'of another instance': () => user({ iss: 'https://other-abc123.zitadel.cloud' }),
    'an opaque token': () => 'c'.repeat(90),
  }
}
