export interface Challenge {
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

// RFC 9110 §11.6.1: `scheme SP #auth-param`, and several of these in one list. Our API quotes all values.
const PIECE = /([A-Za-z][\w-]*)(?:="((?:[^"\\]|\\.)*)")?[ ,]*/y

/** Parses a `WWW-Authenticate` header of our API. */
export function challengesIn(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  const pieces = new RegExp(PIECE)
  for (let piece = pieces.exec(header); piece !== null; piece = pieces.exec(header)) {
    const [, name = '', value] = piece
    if (value === undefined) challenges.push({ scheme: name, parameters: {} })
    else Object.assign(challenges.at(-1)?.parameters ?? {}, { [name]: value.replace(/\\(.)/g, '$1') })
  }
  return challenges
}
