import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const root = new URL('../../', import.meta.url)

/**
 * The build of the package in the folder above, found by its own list of exports.
 *
 * @param {`.${string}`} [subpath]
 */
export async function importBearward(subpath = '.') {
  const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
  const file = new URL(exports[subpath].default, root)
  if (!existsSync(file)) throw new Error('bearward is not built: npm run build in the folder above')
  return import(file.href)
}

/** True if this build supports introspection; otherwise its rows are omitted. */
export async function takesOpaqueTokens() {
  const { createResourceServer } = await importBearward()
  const client = { method: 'bearer', token: 'secret' }
  const issuer = { issuer: 'https://issuer.example.com', introspection: { client } }
  try {
    createResourceServer({ resource: 'https://api.example.com', issuer })
    return true
  } catch {
    return false
  }
}

/**
 * Identifies the build by its content, so that readers can see whether two pages measured the same code.
 *
 * @returns {string}
 */
export function fingerprint() {
  const folder = new URL('dist/', root)
  if (!existsSync(folder)) throw new Error('bearward is not built: npm run build in the folder above')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
  const digest = createHash('sha256')
  for (const name of files.toSorted()) digest.update(`${name}\n`).update(readFileSync(new URL(name, folder)))
  return digest.digest('hex').slice(0, 12)
}

/**
 * Fails if the build has changed: the processes may have loaded different code.
 *
 * @param {string} before
 */
export function assertSameBuild(before) {
  if (fingerprint() !== before) throw new Error('bearward was rebuilt during the run: start again')
}
