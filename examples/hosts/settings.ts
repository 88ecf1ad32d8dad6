// The environment of these programs.

const { ISSUER, RESOURCE, HOST: hostname = '127.0.0.1', PORT = '3000' } = process.env
if (!ISSUER || !RESOURCE) {
  console.error(
    'Set ISSUER to the URL of your authorization server, and RESOURCE to the URL of this API: the audience of its tokens.',
  )
  process.exit(2)
}
if (!/^\d{1,5}$/.test(PORT)) {
  console.error('PORT is not a port number.')
  process.exit(2)
}

export const issuer = ISSUER
export const resource = RESOURCE
// On loopback only; HOST=0.0.0.0 is for a container.
export const address = { hostname, port: Number(PORT) }
