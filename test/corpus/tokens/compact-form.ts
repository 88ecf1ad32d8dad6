import { encode, type Kit, partsOf, refused, type TokenFamily } from '../kit.ts'

/** RFC 7515 §7.1: three parts, two dots, nothing else. */
export const compactForm: TokenFamily = {
  family: 'compact form (RFC 7515 §3.1, §7.1)',
  make(kit) {
    const good = kit.token()
    const [header, claims, signature] = partsOf(good)
    const text = `${header}.${claims}`
    const malformed = refused('malformed', {
      'a single letter': 'a',
      'a single dot': '.',
      'two dots': '..',
      'three dots': '...',
      'four dots': '....',
      'an opaque token': 'f9a1c3d2e4b5460798a1b2c3d4e5f607',
      'a UUID': '6f2c7a1e-2a4d-4c5b-9b1f-0d3c6a7e8f90',
      'a GitHub token': 'gho_16C7e42F292c6912E7710c838347Ae178B4a',
      'a number': '12345678901234567890',
      'the word null': 'null',
      'the word undefined': 'undefined',
      'the word Bearer': 'Bearer',
      'base64 of basic credentials': 'dXNlcjpwYXNzd29yZA==',
      'only the header': header,
      'header and claims': text,
      'header, claims and a dot': `${text}.`,
      'a dot in front': `.${good}`,
      'a trailing dot': `${good}.`,
      'two trailing dots': `${good}..`,
      'no header': `.${claims}.${signature}`,
      'no claims': `${header}..${signature}`,
      'only a signature': `..${signature}`,
      'only a header between dots': `${header}..`,
      'only claims between dots': `.${claims}.`,
      'an empty part in the middle': `${header}.${claims}..${signature}`,
      'four parts': `${good}.${signature}`,
      'five parts': `${good}.${claims}.${signature}`,
      'two tokens in a row': `${good}.${good}`,
      'header twice': `${header}.${header}.${claims}.${signature}`,
      'parts in reverse': `${signature}.${claims}.${header}`,
      'a trailing tilde, as in an SD-JWT (RFC 9901)': `${good}~`,
      'trailing disclosures, as in an SD-JWT (RFC 9901)': `${good}~${encode('["salt","scope","admin"]')}~`,
      'a tilde for the first dot': good.replace('.', '~'),
      'slashes for dots': good.replaceAll('.', '/'),
      'plus signs for dots': good.replaceAll('.', '+'),
      'the JSON serialization in base64url (RFC 7515 §7.2)': jsonSerialization(kit),
      'the whole token encoded again': encode(good),
      'a nested JWT without a header of its own': `${header}.${encode(good)}.${signature}`,
    })
    return [
      ...malformed,
      ...refused('algorithm', { 'header and claims changed places': `${claims}.${header}.${signature}` }),
      ...refused('missing_claim', {
        'the JSON serialization as claims': `${header}.${jsonSerialization(kit)}.${signature}`,
      }),
    ]
  },
}

function jsonSerialization(kit: Kit): string {
  const [header, payload, signature] = partsOf(kit.token())
  return encode({ payload, signatures: [{ protected: header, signature }] })
}
