export interface Program {
  /** The subpath it imports: `bearward/express`, or `bearward` where it imports the core only. */
  readonly entry: string
  readonly text: string
}

/** The complete programs in the README: TypeScript blocks that import and create a resource server. Others are excerpts. */
export function programsOfReadme(markdown: string): Program[] {
  return [...markdown.matchAll(/^```(?:ts|typescript)[^\n]*\n(.*?)^```$/gms)].flatMap(([, text = '']) => {
    if (!/^import [^'"]*\b(?:resourceServer|createResourceServer)\b/m.test(text)) return []
    const entries = [...text.matchAll(/^import [^'"]*['"](bearward(?:\/[a-z]+)?)['"]/gm)].map(([, entry = '']) => entry)
    const [entry] = entries.sort((a, b) => b.length - a.length)
    return entry === undefined ? [] : [{ entry, text }]
  })
}
