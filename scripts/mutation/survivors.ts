/** Changes of the code that change nothing a test could see. */
interface Equivalent {
  readonly file: string
  readonly before: string
  readonly after: string
  readonly why: string
}

const EQUIVALENT: readonly Equivalent[] = [
  {
    file: 'src/claims/registered-claims.ts',
    before: "typeof value === 'number'",
    after: 'true',
    why: 'Number.isFinite is false for all that is not a number; the other condition is for the compiler',
  },
]

export const isEquivalent = (file: string, before: string, after: string): boolean =>
  EQUIVALENT.some((one) => one.file === file && one.before === before && one.after === after)
