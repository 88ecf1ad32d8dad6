import { type Export, exportsOf } from './exports.ts'
import { type Anchors, prose } from './prose.ts'
import { declarationOf, membersOf } from './signature.ts'

/** The path of the reference. */
export const REFERENCE = 'docs/api.md'

const INTRODUCTION = `# API reference

Everything the package exports, by subpath, from the doc comments of the sources: \`npm run docs\` writes this page.
Changes belong there, not here. To start, read [the concepts](concepts.md), one page, and
[all options](options.md) in tables.
`

const KINDS = ['function', 'value', 'class', 'interface', 'type'] as const
const TITLES: Record<(typeof KINDS)[number], string> = {
  function: 'Functions',
  value: 'Values',
  class: 'Classes',
  interface: 'Interfaces',
  type: 'Types',
}

/** The reference as Markdown, of the sources in a folder. */
export function apiReference(root: string): string {
  const subpaths = exportsOf(root)
  const anchors = anchorsOf(subpaths)
  const contents = [...subpaths.keys()].map((subpath) => `- [\`${subpath}\`](#${slugOf(subpath)})`)
  const sections = [...subpaths].map(([subpath, all]) => sectionOf(subpath, all, anchors))
  return `${INTRODUCTION}\n${contents.join('\n')}\n\n${sections.join('\n')}`
}

function sectionOf(subpath: string, all: readonly Export[], anchors: ReadonlyMap<string, Anchors>): string {
  const own = anchors.get(subpath) ?? new Map()
  const parts = KINDS.flatMap((kind) => {
    const ofKind = all.filter((one) => one.kind === kind)
    if (ofKind.length === 0) return []
    const list = ofKind.map(({ name }) => `[\`${name}\`](#${own.get(name)})`).join(', ')
    return [`**${TITLES[kind]}:** ${list}\n`]
  })
  const entries = KINDS.flatMap((kind) => all.filter((one) => one.kind === kind).map((one) => entryOf(one, own)))
  return [`## \`${subpath}\`\n`, ...parts, ...entries].join('\n')
}

function entryOf(one: Export, anchors: Anchors): string {
  const members = membersOf(one).map(({ signature, comment }) => {
    const text = prose(comment, anchors).replaceAll(/\n(?=.)/g, '\n  ')
    return `- \`${signature}\`${text === '' ? '' : `  \n  ${text}`}`
  })
  const parts = [
    `### \`${one.name}\``,
    prose(one.comment, anchors),
    `\`\`\`typescript\n${declarationOf(one)}\n\`\`\``,
    members.join('\n'),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

const slugOf = (heading: string): string => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}_ -]/gu, '')

/** The anchor of each name of each subpath; duplicate names are numbered, as code hosts do. */
function anchorsOf(subpaths: ReadonlyMap<string, readonly Export[]>): ReadonlyMap<string, Anchors> {
  const times = new Map<string, number>()
  const next = (heading: string): string => {
    const slug = slugOf(heading)
    const count = times.get(slug) ?? 0
    times.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  }
  next('API reference')
  const found = new Map<string, Map<string, string>>()
  for (const [subpath, all] of subpaths) {
    next(subpath)
    const own = new Map<string, string>()
    for (const kind of KINDS) for (const one of all) if (one.kind === kind) own.set(one.name, next(one.name))
    found.set(subpath, own)
  }
  // A name that a subpath does not export is documented with the core.
  const core = found.get('bearward') ?? new Map<string, string>()
  return new Map([...found].map(([subpath, own]) => [subpath, new Map([...core, ...own])]))
}
