import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const ROOT = new URL('../../', import.meta.url)

it('typesVersions leads to the declarations of exports, for compilers that do not read exports (F9)', () => {
  const { exports, typesVersions } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
    exports: Readonly<Record<string, { readonly types?: string }>>
    typesVersions: { readonly '*': { readonly '*': readonly string[] } }
  }
  const isBuilt = (path: string) => existsSync(new URL(path.replace('/dist/', '/').replace(/\.d\.ts$/, '.ts'), ROOT))
  for (const [name, { types }] of Object.entries(exports)) {
    if (name === '.' || types === undefined) continue
    const candidates = typesVersions['*']['*'].map((pattern) => pattern.replace('*', name.slice(2)))
    expect(candidates.find(isBuilt), name).toBe(types)
  }
})
