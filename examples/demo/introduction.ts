import { JWKS_CACHE, RESOURCE } from './orders.ts'
import type { Stage } from './stage.ts'
import { foldWords, type Terminal } from './terminal.ts'

/** Prints what runs where. */
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
    `Tokens are for ${RESOURCE}. GET /orders requires the scope read:orders, POST /orders requires write:orders, and ` +
    `GET /me is public. Rows without a method are GET /orders. Keys are fresh for ${JWKS_CACHE.maxAge} seconds, and in an ` +
    `outage used for ${JWKS_CACHE.staleIfError} more, instead of 10 minutes and an hour, so that you need not wait.`
  for (const line of foldWords(text, Math.min(columns, 100))) print(line)
  print()
}
