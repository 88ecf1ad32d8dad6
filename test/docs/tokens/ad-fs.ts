import { kind, type Provider } from './shape.ts'

// https://learn.microsoft.com/windows-server/identity/ad-fs/overview/ad-fs-openid-connect-oauth-concepts

export const adFs: Provider = async (internet) => {
  const farm = await internet.authority({
    issuer: 'https://fs.example.com/adfs',
    keysAt: 'https://fs.example.com/adfs/discovery/keys',
    keysNameAlgorithm: false,
  })
  const CLIENT = 'dddddddd-7777-8888-9999-aaaaaaaaaaaa'
  const user = kind(
    farm,
    {
      iss: 'http://fs.example.com/adfs/services/trust',
      aud: 'https://api.example.com',
      apptype: 'Public',
      appid: CLIENT,
      authmethod: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      ver: '1.0',
      scp: 'openid orders.read',
      sub: 'pairwise-subject',
    },
    { typ: 'JWT', x5t: 'abc' },
  )
  return {
    'of a user': () => user(),
    'without the scope': () => user({ scp: 'openid' }),
    'for another API': () => user({ aud: 'https://invoices.example.com' }),
    'for `/userinfo`': () => user({ aud: 'urn:microsoft:userinfo' }),
    'an ID token': () => user({ iss: 'https://fs.example.com/adfs', aud: CLIENT, scp: undefined, nonce: 'n-1' }),
    'of another farm': () => user({ iss: 'http://fs.other.example/adfs/services/trust' }),
  }
}
