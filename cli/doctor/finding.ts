/** One result of the doctor. */
export interface Finding {
  readonly level: 'ok' | 'note' | 'problem'
  readonly area:
    | 'options'
    | 'issuer'
    | 'provider'
    | 'discovery'
    | 'keys'
    | 'algorithms'
    | 'sizes'
    | 'clock'
    | 'introspection'
    | 'token'
    | 'challenge'
    | 'api'
    | 'bindings'
  readonly message: string
  /** How to fix it. A problem always has one. */
  readonly fix?: string
}

type Area = Finding['area']

export const ok = (area: Area, message: string): Finding => ({ level: 'ok', area, message })
export const note = (area: Area, message: string, fix?: string): Finding => ({
  level: 'note',
  area,
  message,
  ...(fix !== undefined && { fix }),
})
export const problem = (area: Area, message: string, fix: string): Finding => ({ level: 'problem', area, message, fix })
