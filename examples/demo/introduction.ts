import { JWKS_CACHE, RESOURCE } from './orders.ts'
import type { Stage } from './stage.ts'
import { foldWords, type Terminal } from './terminal.ts'

/** What runs where. */
export function introduce({ authorizationServer, apis }: Stage, { paint, print, columns }: Terminal): void {
  print(paint('bold', 'One orders API on three frameworks, protected by bearward'))
  print()
  for (const [name, url] of [
    ['oidc-provider', `${authorizationServer.issuer}, the authorization server`],
    ...apis.map(({ framework, url }) => [framework, url] as const),
  ] as const)
    print(`  ${name.padEnd(14)} ${url}`)
  print()
  const text =
    `Tokens are for ${RESOURCE}. Requests are GET /orders, which needs the scope read:orders, unless they say POST, ` +
    `which needs write:orders, or GET /me, which serves everybody. Keys are fresh for ${JWKS_CACHE.maxAge} seconds and ` +
    `used for ${JWKS_CACHE.staleIfError} more in an outage, instead of 10 minutes and an hour, so that you need not wait.`
  for (const line of foldWords(text, Math.min(columns, 100))) print(line)
  print()
}
