// The package is ESM only; `require` works on every supported version of Node.
const { createResourceServer, InvalidToken } = require('bearward')

const main = async () => {
  const { issuer, keys, resource, sign } = await import('./token.mjs')
  const server = createResourceServer({ resource, issuer: { issuer, keys } })
  const token = await server.verify(await sign())
  if (token.subject !== 'alice') throw new Error(`subject is ${token.subject}`)
  try {
    await server.verify('not a token')
    throw new Error('a text that is not a token was accepted')
  } catch (error) {
    if (!(error instanceof InvalidToken) || error.reason !== 'malformed') throw error
  }
  console.log('all as expected')
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
