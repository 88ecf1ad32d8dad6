import type { Comment } from './exports.ts'

/** The anchors of names on the page. */
export type Anchors = ReadonlyMap<string, string>

const LABELS: Readonly<Record<string, string>> = {
  throws: 'Throws',
  returns: 'Returns',
  param: 'Parameter',
  typeParam: 'Type parameter',
  template: 'Type parameter',
  see: 'See',
  deprecated: 'Deprecated',
}

/** A doc comment as Markdown: links to names and sections of standards, and its tags as sentences of their own. */
export function prose({ text, tags }: Comment, anchors: Anchors): string {
  const lines = tags.map(({ name, text }) => `*${LABELS[name] ?? name}:* ${tagText(name, text, anchors)}`)
  return [text, ...lines]
    .filter((part) => part !== '')
    .map((part) => linked(part, anchors))
    .join('\n\n')
    .trim()
}

/** Puts the subject of a tag first: the thrown type, in braces, or a parameter. */
function tagText(tag: string, text: string, anchors: Anchors): string {
  const {
    thrown,
    parameter,
    rest = '',
  } = /^(?:\{(?<thrown>.+?)\}|(?<parameter>\w+))\s*-?\s*(?<rest>.*)$/s.exec(text)?.groups ?? {}
  const name = thrown ?? (tag === 'param' || tag === 'typeParam' || tag === 'template' ? parameter : undefined)
  if (name === undefined) return text
  const anchor = anchors.get(name)
  const label = anchor === undefined ? `\`${name}\`` : `[\`${name}\`](#${anchor})`
  return rest === '' ? label : `${label}: ${rest}`
}

const linked = (text: string, anchors: Anchors): string => toStandards(toNames(text, anchors))

function toNames(text: string, anchors: Anchors): string {
  return text.replaceAll(/\{@link (\w+) *(?:\| *([^}]+))?\}/g, (_all, name: string, label: string = name) => {
    const anchor = anchors.get(name)
    return anchor === undefined ? `\`${label}\`` : `[\`${label}\`](#${anchor})`
  })
}

/** `RFC 9449 §4.3, §7`: each section becomes a link, those that name no RFC belong to the one before. */
function toStandards(text: string): string {
  let rfc: string | undefined
  return text.replaceAll(/RFC (\d{4,5})(?:bis)?(?: §([\d.]*\d))?|§([\d.]*\d)/g, (all, number, first, further) => {
    rfc = number ?? rfc
    const section: string | undefined = first ?? further
    if (rfc === undefined) return all
    const place = section === undefined ? '' : `#section-${section}`
    return `[${all}](https://www.rfc-editor.org/rfc/rfc${rfc}${place})`
  })
}
