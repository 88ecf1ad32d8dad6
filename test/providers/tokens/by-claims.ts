import { kind, type Provider } from '../../docs/tokens/shape.ts'

type Claims = Readonly<Record<string, unknown>>

/** A provider whose tokens are described by their claims alone. */
interface Description {
  readonly issuer: string
  /** Default: as its metadata says. */
  readonly keysAt?: string
  readonly header?: Claims
  /** Of an access token for the API; `iss`, `iat` and `exp` are added. */
  readonly claims: Claims
  /** Of other tokens, what differs; or a token of another form. */
  readonly others: Readonly<Record<string, Claims | string>>
}

export const GOOD = 'an access token'

/** Its tokens: {@link GOOD}, and the others by their names. */
export const byClaims =
  ({ issuer, keysAt, header = { typ: 'JWT' }, claims, others }: Description): Provider =>
  async (internet) => {
    const isUrl = URL.canParse(issuer) && !issuer.startsWith('http:')
    const authority = await internet.authority({
      // Nothing is discovered from an identifier that is not an https URL.
      issuer: isUrl || keysAt === undefined ? issuer : new URL(keysAt).origin,
      ...(keysAt !== undefined && { keysAt }),
    })
    const sign = kind(authority, { iss: issuer, ...claims }, header)
    const makers = Object.entries(others).map(
      ([name, other]) => [name, () => (typeof other === 'string' ? other : sign(other))] as const,
    )
    return { [GOOD]: () => sign(), ...Object.fromEntries(makers) }
  }
