/** The text of one version's section: `## 0.2.0 – 2026-12-01`, or `## Unreleased`. Undefined without section or text. */
export function notesOf(changelog, version) {
  const sections = changelog.split(/^## /m).slice(1)
  const section = sections.find((text) => {
    const [heading = ''] = text.split('\n', 1)
    return version === 'Unreleased' ? heading === version : /^(\S+) – \d{4}-\d{2}-\d{2}$/.exec(heading)?.[1] === version
  })
  const notes = section?.slice(section.indexOf('\n')).trim()
  return notes ? `${notes}\n` : undefined
}
