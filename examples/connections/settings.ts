// The environment of these programs.

const { ISSUER, RESOURCE, CLIENT_ID, HOST: host = '127.0.0.1', PORT = '3000' } = process.env
if (!ISSUER || !RESOURCE || !CLIENT_ID) {
  if (!ISSUER) console.error('ISSUER is not set. It is the URL of your authorization server.')
  if (!RESOURCE) console.error('RESOURCE is not set. It is the URL of this API: the audience of its tokens.')
  if (!CLIENT_ID) console.error('CLIENT_ID is not set. It is the client whose users sign out.')
  process.exit(2)
}
if (!/^\d{1,5}$/.test(PORT)) {
  console.error('PORT is not a port number.')
  process.exit(2)
}

export const issuer = ISSUER
export const resource = RESOURCE
export const clientId = CLIENT_ID
// On loopback only; HOST=0.0.0.0 is for a container.
export const address = { host, port: Number(PORT) }
