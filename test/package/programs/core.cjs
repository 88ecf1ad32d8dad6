// The package is ESM only; `require` of it works on every version of Node it supports.
const { createResourceServer, InvalidToken } = require('bearward')

const main = async () => {
  const { issuer, keys, resource, sign } = await import('./token.mjs')
  const server = createResourceServer({ resource, issuer: { issuer, keys } })
  const token = await server.verify(await sign())
  if (token.subject !== 'alice') throw new Error(`subject is ${token.subject}`)
  const refusal = await Promise.resolve(server.verify('not a token')).catch((error) => error)
  if (!(refusal instanceof InvalidToken)) throw refusal
  console.log('all as expected')
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
