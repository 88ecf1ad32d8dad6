// Makes the files of a release in a new folder: the tarball, its SBOM, the notes, and checksums.
//
//   npm run release:prepare -- v0.2.0 release       checks that package.json and CHANGELOG.md agree with the tag
//   npm run release:prepare -- --rehearse release   the version as it is, with the notes of "Unreleased"

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { notesOf } from './notes.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const [tag, target, ...options] = process.argv.slice(2)
if (tag === undefined || target === undefined) {
  console.error('usage: npm run release:prepare -- (<tag> | --rehearse) <folder>')
  process.exit(2)
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
const rehearsal = tag === '--rehearse'
if (!rehearsal && tag !== `v${manifest.version}`) {
  console.error(`The tag is ${tag}, but package.json has version ${manifest.version}.`)
  process.exit(1)
}
const notes = notesOf(changelog, rehearsal ? 'Unreleased' : manifest.version)
if (notes === undefined) {
  console.error(`CHANGELOG.md has no section "## ${manifest.version} – <date>" with text.`)
  process.exit(1)
}

const folder = resolve(root, target)
mkdirSync(folder, { recursive: true })
if (readdirSync(folder).length > 0) {
  console.error(`${folder} is not empty.`)
  process.exit(1)
}

/** Returns what the command prints; its progress goes nowhere, and its errors become ours. */
const run = (command, args, cwd) => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' })

/** What a consumer installs with the package, in the versions that our tests used: `npm sbom` describes an installation. */
function sbomOf(tarball) {
  const workshop = mkdtempSync(join(tmpdir(), 'bearward-release-'))
  try {
    run('tar', ['xzf', tarball, '-C', workshop], root)
    // npm names the component after its folder.
    const installed = join(workshop, manifest.name)
    cpSync(join(workshop, 'package'), installed, { recursive: true })
    cpSync(join(root, 'package-lock.json'), join(installed, 'package-lock.json'))
    // Without development dependencies, which `npm sbom` would report as missing.
    writeFileSync(join(installed, 'package.json'), JSON.stringify({ ...manifest, devDependencies: undefined }))
    const omit = ['--omit=dev', '--omit=optional', '--omit=peer']
    run('npm', ['ci', ...omit, '--ignore-scripts', '--no-audit', '--no-fund'], installed)
    return run('npm', ['sbom', '--sbom-format=cyclonedx', ...omit], installed)
  } finally {
    rmSync(workshop, { recursive: true, force: true })
  }
}

// "prepack" builds from scratch, except with --ignore-scripts.
run('npm', ['pack', '--pack-destination', folder, ...options], root)
const name = `${manifest.name}-${manifest.version}`
writeFileSync(join(folder, `${name}.cdx.json`), sbomOf(join(folder, `${name}.tgz`)))
writeFileSync(join(folder, 'notes.md'), notes)
const sums = readdirSync(folder)
  .sort()
  .map(
    (file) =>
      `${createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex')}  ${file}\n`,
  )
writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''))
process.stdout.write(sums.join(''))
