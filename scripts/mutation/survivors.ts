/** Changes of the code that change nothing a test could see. */
interface Equivalent {
  readonly file: string
  readonly before: string
  readonly after: string
  readonly why: string
}

const EQUIVALENT: readonly Equivalent[] = [
  {
    file: 'src/claims/freeze-claims.ts',
    before: "Object.hasOwn(value, '__proto__')",
    after: 'true',
    why: 'only an own member can be deleted; the condition saves the call',
  },
  {
    file: 'src/claims/freeze-claims.ts',
    before: 'isObject(member)',
    after: 'true',
    why: 'the loop passes over what is no object; the condition keeps the list short',
  },
  ...['true', 'pending.length >= before'].map((after) => ({
    file: 'src/claims/freeze-claims.ts',
    before: 'pending.length > before',
    after,
    why: 'to remember more objects than can be in a cycle only takes memory',
  })),
  {
    file: 'src/claims/typed-claims.ts',
    before: "typeof value === 'number'",
    after: 'true',
    why: 'Number.isFinite is false for all that is not a number; the other condition is for the compiler',
  },
  ...[
    ["!target.includes('?') && !target.includes('#')", 'false'],
    ["'?'", '""'],
    ["'#'", '""'],
  ].map(([before = '', after = '']) => ({
    file: 'src/http/query-token.ts',
    before,
    after,
    why: 'the search finds nothing either; the condition is there for speed',
  })),
  ...[
    ['at < target.length', 'at <= target.length'],
    ['at >= stop', 'false'],
    ['at >= stop', 'at > stop'],
    ['at + 2 >= stop', 'false'],
    ['at + 2 >= stop', 'at + 2 > stop'],
    ['at + 2', 'at - 2'],
  ].map(([before = '', after = '']) => ({
    file: 'src/http/query-token.ts',
    before,
    after,
    why: 'what follows a name is a separator or nothing, which is no character of the name and no digit',
  })),
  ...['/[0-9A-Fa-f]{2}$/', '/^[0-9A-Fa-f]{2}/'].map((after) => ({
    file: 'src/http/query-token.ts',
    before: '/^[0-9A-Fa-f]{2}$/',
    after,
    why: 'the text has two characters at most',
  })),
  {
    file: 'src/http/query-token.ts',
    before: '[code, 1]',
    after: '[]',
    why: 'a percent sign that begins no escape ends the comparison, whatever it is taken for',
  },
  ...[
    ['value.startsWith(USUAL)', 'value.endsWith(USUAL)'],
    ["'Bearer'", '""'],
    ["!value.includes(',')", 'false'],
  ].map(([before = '', after = '']) => ({
    file: 'src/http/grammar.ts',
    before,
    after,
    why: 'the general rule finds the same; the condition is there for speed',
  })),
  ...[
    ['start < end', 'true'],
    ['start < end', 'start <= end'],
    ['end > start', 'true'],
    ['end > start', 'end >= start'],
    ['start === 0 && end === value.length', 'false'],
    ['at < value.length', 'at <= value.length'],
  ].map(([before = '', after = '']) => ({
    file: 'src/http/grammar.ts',
    before,
    after,
    why: 'outside of a text there is no character to find, and a part that would end before it begins is empty',
  })),
  ...[
    ['name === undefined', 'false'],
    ['scheme !== undefined', 'true'],
  ].map(([before = '', after = '']) => ({
    file: 'src/http/credentials.ts',
    before,
    after,
    why: 'the other condition is false for undefined as well; this one is for the compiler',
  })),
  {
    file: 'src/http/credentials.ts',
    before: "''",
    after: '"Stryker was here!"',
    why: 'neither has the syntax of a token',
  },
  {
    file: 'src/jwt/header.ts',
    before: "typeof alg !== 'string'",
    after: 'false',
    why: 'the list of algorithms has only strings; the condition is for the compiler',
  },
  {
    file: 'src/claims/registered-claims.ts',
    before: "typeof value === 'number'",
    after: 'true',
    why: 'Number.isFinite is false for all that is not a number; the other condition is for the compiler',
  },
  {
    file: 'src/sender-constraint/dpop/verify-proof.ts',
    before: 'key !== proof.key',
    after: 'true',
    why: 'a key that is in the cache is put there again; the condition saves the call',
  },
  {
    file: 'src/sender-constraint/dpop/proof-key.ts',
    before: '!names',
    after: 'false',
    why: 'algorithmOf refuses a key of any other type; the condition is for the compiler',
  },
  {
    file: 'src/sender-constraint/dpop/proof-key.ts',
    before: 'decoded(number)?.[0]',
    after: 'decoded(number)[0]',
    why: 'algorithmOf has refused a number that is not base64url: it has no bits',
  },
  {
    file: 'src/sender-constraint/dpop/proof-key.ts',
    before: "typeof member === 'string'",
    after: 'true',
    why: 'algorithmOf has refused a key whose members are not strings; the condition is for the compiler',
  },
]

export const isEquivalent = (file: string, before: string, after: string): boolean =>
  EQUIVALENT.some((one) => one.file === file && one.before === before && one.after === after)
