import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

it('typesVersions has the declarations of exports, for compilers that do not read exports (SPEC F9)', () => {
  const { exports, typesVersions } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as {
    exports: Readonly<Record<string, { readonly types?: string }>>
    typesVersions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  }
  const expected = Object.entries(exports).flatMap(([name, { types }]) =>
    name.startsWith('./') && types !== undefined ? [[name.slice(2), [types]] as const] : [],
  )
  expect(typesVersions['*']).toEqual(Object.fromEntries(expected))
})
