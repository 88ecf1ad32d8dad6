import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { notesOf } from '../../scripts/release/notes.mjs'
import { listFiles, readText, readYaml } from './files.ts'

// What a code host, a package registry and an update bot read.

const root = fileURLToPath(new URL('../..', import.meta.url))
const manifest = JSON.parse(readText('package.json')) as {
  readonly repository: { readonly type: string; readonly url: string }
  readonly homepage: string
  readonly bugs: { readonly url: string }
  readonly author: string
  readonly exports: Readonly<Record<string, unknown>>
}
const REPOSITORY = 'https://github.com/bearward/bearward'

it('package.json names its repository, homepage, bugs and author', () => {
  expect(manifest.repository).toEqual({ type: 'git', url: `git+${REPOSITORY}.git` })
  expect(manifest.homepage).toBe(`${REPOSITORY}#readme`)
  expect(manifest.bugs.url).toBe(`${REPOSITORY}/issues`)
  expect(manifest.author).toBe('bearward contributors')
})

it('VERSIONING.md lists exactly the subpaths of the package', () => {
  const [, list = ''] = readText('VERSIONING.md').split('package.json. -->')
  const listed = [...(list.split('\n## ', 1)[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, subpath]) => subpath)
  expect(listed.sort()).toEqual(
    Object.keys(manifest.exports)
      .map((subpath) => subpath.replace(/^\./, 'bearward'))
      .sort(),
  )
})

describe('the issue forms', () => {
  const forms = listFiles('.github/ISSUE_TEMPLATE/*.yml').filter((path) => !path.endsWith('/config.yml'))

  it('are the only way to an issue, besides a private report', () => {
    expect(forms.length).toBeGreaterThan(1)
    const config = readYaml('.github/ISSUE_TEMPLATE/config.yml') as {
      blank_issues_enabled: boolean
      contact_links: { url: string }[]
    }
    expect(config.blank_issues_enabled).toBe(false)
    expect(config.contact_links.map(({ url }) => url)).toContain(`${REPOSITORY}/security/advisories/new`)
  })

  it.each(forms)('%s has the members that the host requires', (path) => {
    const { name, description, body } = readYaml(path) as {
      name: string
      description: string
      body: { type: string; id?: string; attributes: { label?: string; value?: string } }[]
    }
    expect(name).toMatch(/\w/)
    expect(description).toMatch(/\w/)
    for (const { type, id, attributes } of body) {
      expect(['markdown', 'input', 'textarea', 'dropdown', 'checkboxes']).toContain(type)
      if (type === 'markdown') expect(attributes.value).toMatch(/\w/)
      else expect([id, attributes.label]).toEqual([expect.stringMatching(/^[\w-]+$/), expect.stringMatching(/\w/)])
    }
    const ids = body.flatMap(({ id }) => (id === undefined ? [] : [id]))
    expect(new Set(ids).size).toBe(ids.length)
  })
})

it('the update bot knows every lock file, and the actions', () => {
  const { version, updates } = readYaml('.github/dependabot.yml') as {
    version: number
    updates: { 'package-ecosystem': string; directory?: string; directories?: string[] }[]
  }
  expect(version).toBe(2)
  const packages = updates
    .filter((update) => update['package-ecosystem'] === 'npm')
    .flatMap(({ directory, directories = [] }) => [...directories, ...(directory === undefined ? [] : [directory])])
  const locked = listFiles('*package-lock.json').map((path) => `/${path.replace(/\/?package-lock\.json$/, '')}`)
  expect(packages.sort()).toEqual(locked.sort())
  expect(updates.map((update) => update['package-ecosystem'])).toContain('github-actions')
})

it('the usual documents are where a host looks for them', () => {
  const names = ['CODE_OF_CONDUCT.md', 'CONTRIBUTING.md', 'LICENSE', 'SECURITY.md', '.github/pull_request_template.md']
  expect(names.filter((name) => !existsSync(`${root}/${name}`))).toEqual([])
})

describe('the notes of a release', () => {
  const changelog = '# C\n\n## Unreleased\n\n## 0.2.0 – 2026-12-01\n\n### Added\n\n- a\n\n## 0.1.0 – soon\n\n- b\n'

  it('are the section of its version, if it has a date and a text', () => {
    expect(notesOf(changelog, '0.2.0')).toBe('### Added\n\n- a\n')
    expect(notesOf(changelog, '0.1.0')).toBeUndefined()
    expect(notesOf(changelog, '0.3.0')).toBeUndefined()
    expect(notesOf(changelog, 'Unreleased')).toBeUndefined()
  })

  it('can be rehearsed with the changelog as it is', () => {
    expect(notesOf(readText('CHANGELOG.md'), 'Unreleased') ?? notesOf(readText('CHANGELOG.md'), '0.1.0')).toMatch(
      /^- /m,
    )
  })
})
