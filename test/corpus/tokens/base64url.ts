import { partsOf, refused, type TokenFamily } from '../kit.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The same bytes in another spelling: one of the unused bits is set. */
const nonCanonical = (part: string, bit: number): string =>
  part.slice(0, -1) + ALPHABET[ALPHABET.indexOf(part.at(-1) as string) | bit]

/** RFC 7515 §2, RFC 4648 §3.5: each byte sequence has one text. Otherwise a deny-list of tokens could be bypassed. */
export const base64urlForm: TokenFamily = {
  family: 'canonical base64url (RFC 7515 §2, RFC 4648 §3.5)',
  make(kit) {
    // Spaces in the JSON text give the part the length that the case needs.
    const ofLength = (member: 'header' | 'claims', rest: number) => {
      for (let blanks = 0; blanks < 3; blanks++) {
        const json = JSON.stringify(kit[member]()) + ' '.repeat(blanks)
        const token = kit.token({ [member]: json })
        if ((partsOf(token)[member === 'header' ? 0 : 1] as string).length % 4 === rest) return partsOf(token)
      }
      throw new Error('no such length')
    }
    const [h2, h3] = [ofLength('header', 2), ofLength('header', 3)]
    const [c2, c3] = [ofLength('claims', 2), ofLength('claims', 3)]
    const join = (parts: readonly string[]) => parts.join('.')
    const [header, claims, es256] = partsOf(kit.token()) // 64 bytes: 86 characters, 2 over
    const es384 = partsOf(kit.token({ signer: kit.signers.ES384 })) // 96 bytes: 128 characters, nothing over
    const rs256 = partsOf(kit.token({ signer: kit.signers.RS256 })) // 256 bytes: 342 characters, 2 over
    const bits = [1, 2, 4, 8]
    return refused('malformed', {
      ...Object.fromEntries(
        bits.flatMap((bit) => [
          [`unused bit ${bit} set in a header of length 2`, join([nonCanonical(h2[0], bit), h2[1], h2[2]])],
          [`unused bit ${bit} set in claims of length 2`, join([c2[0], nonCanonical(c2[1], bit), c2[2]])],
          [`unused bit ${bit} set in an ES256 signature`, join([header, claims, nonCanonical(es256, bit)])],
          [`unused bit ${bit} set in an RS256 signature`, join([rs256[0], rs256[1], nonCanonical(rs256[2], bit)])],
        ]),
      ),
      'unused bit 1 set in a header of length 3': join([nonCanonical(h3[0], 1), h3[1], h3[2]]),
      'unused bit 2 set in a header of length 3': join([nonCanonical(h3[0], 2), h3[1], h3[2]]),
      'unused bit 1 set in claims of length 3': join([c3[0], nonCanonical(c3[1], 1), c3[2]]),
      'unused bit 2 set in claims of length 3': join([c3[0], nonCanonical(c3[1], 2), c3[2]]),
      'padding after the signature': `${join([header, claims, es256])}==`,
      'one equals sign after the signature': `${join([header, claims, es256])}=`,
      'padding after a signature that needs none': `${join(es384)}====`,
      'a character too many in the signature': join([es384[0], es384[1], `${es384[2]}A`]),
      'a character too many in the header': join([`${h3[0]}AA`, h3[1], h3[2]]),
      'a character too many in the claims': join([c3[0], `${c3[1]}AA`, c3[2]]),
      'a signature of one character': join([header, claims, 'A']),
      'a plus sign in the signature': join([header, claims, `+${es256.slice(1)}`]),
      'a slash in the signature': join([header, claims, `/${es256.slice(1)}`]),
      'a tilde in the signature': join([header, claims, `~${es256.slice(1)}`]),
      'a plus sign in the claims': join([header, `${claims.slice(0, -1)}+`, es256]),
      'a slash in the header': join([`${header.slice(0, -1)}/`, claims, es256]),
    })
  },
}
