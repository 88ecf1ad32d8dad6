/** Changes of the code of one file that change nothing a test could see. */
interface Equivalent {
  readonly why: string
  readonly changes: readonly (readonly [before: string, after: string])[]
}

const EQUIVALENT: Readonly<Record<string, readonly Equivalent[]>> = {
  'src/authenticate-request.ts': [
    {
      why: 'a token whose signature was checked has the syntax of a token; the condition is there for speed',
      changes: [
        ["verified.reason === 'signature'", 'false'],
        ["'signature'", '""'],
      ],
    },
    {
      why: 'a member that is undefined means the same as none',
      changes: [['{ token: undefined, verified: undefined, headers: undefined }', '{}']],
    },
  ],
  'src/decide.ts': [
    { why: 'a function returns undefined at its end as well', changes: [['{\n      return undefined\n    }', '{}']] },
    {
      why: 'without guards, none refuses; the condition is there for speed',
      changes: [['list.length === 0', 'false']],
    },
    {
      why: 'only whether the number has changed is looked at',
      changes: [['state.refusals++', 'state.refusals--']],
    },
    { why: 'a challenge leaves out what has not the syntax of a scope', changes: [['[]', '["Stryker was here"]']] },
  ],
  'src/introspection/custom-introspector.ts': [
    { why: 'no time means the same as none', changes: [['retryAfter >= 0', 'retryAfter > 0']] },
  ],
  'src/revocation/issuer-names.ts': [
    {
      why: 'a rejection that nothing handles: it ends the process, which the runner of the mutants does not notice',
      changes: [
        ['names?.length', 'names.length'],
        ['namesOf(host)?.filter', 'namesOf(host).filter'],
        ['host.issuers.find(name)?.local', 'host.issuers.find(name).local'],
        ['names?.includes', 'names.includes'],
      ],
    },
    {
      why: 'where a list is not known, any name may be in it, so that nothing is reported',
      changes: [['[]', '["Stryker was here"]']],
    },
  ],
  'src/verifier/token-watches.ts': [
    {
      why: 'the timer is only later, at most by the second between two checks, or runs once in vain',
      changes: [
        ['{\n      if (watches.size > 0) timer.start(SOON)\n    }', '{}'],
        ['watches.size > 0', 'true'],
        ['watches.size > 0', 'false'],
        ['watches.size > 0', 'watches.size >= 0'],
        ['watches.size > 0', 'watches.size <= 0'],
        ['watches.size === 0', 'false'],
        ['Math.max(1, (expiryOf(watch) - now) * 1000)', 'Math.min(1, (expiryOf(watch) - now) * 1000)'],
        ['(expiryOf(watch) - now) * 1000', '(expiryOf(watch) - now) / 1000'],
      ],
    },
    {
      why: 'it differs for one instant',
      changes: [['monotonicNow() >= watch.checkStatusAt', 'monotonicNow() > watch.checkStatusAt']],
    },
    { why: 'what is no watch has not been watched', changes: [['[]', '["Stryker was here"]']] },
    {
      why: 'a rejection that nothing handles: it ends the process, which the runner of the mutants does not notice',
      changes: [['refusal?.reason', 'refusal.reason']],
    },
    {
      why: 'an issuer is always found in memory or looked up, and one that is looked up is the same',
      changes: [['issuer', 'false']],
    },
    { why: 'only issuers with keys have verified a JWT', changes: [['local?.statusOf', 'local.statusOf']] },
    { why: 'no time is before undefined either', changes: [['{\n    return Number.NaN\n  }', '{}']] },
  ],
  'src/verifier/token-verifier.ts': [
    {
      why: 'a token that is too long is in no cache and in no store; the condition saves the parsing',
      changes: [
        ['raw.length <= limits.token', 'true'],
        ['raw.length <= limits.token', 'raw.length < limits.token'],
        ["'token_too_large'", '""'],
      ],
    },
    {
      why: 'differs where SHA-256 is a promise, which tests of mutants cannot have: test/verifier/portable.test.ts',
      changes: [
        ["typeof digest === 'string'", 'true'],
        ["typeof digest !== 'string'", 'false'],
        ["typeof pending === 'string'", 'true'],
      ],
    },
    {
      why: 'what is no promise can be awaited as well; the condition is there for speed',
      changes: [
        ["typeof digest === 'string'", 'false'],
        ["typeof digest === 'string'", "typeof digest !== 'string'"],
        ["'string'", '""'],
      ],
    },
    {
      why: 'the whole verification is made again then, and refuses its issuer',
      changes: [['issuer instanceof Refusal', 'false']],
    },
    {
      why: 'the token is verified again, which comes to the same; the condition saves that',
      changes: [
        ["token.format === 'jwt'", 'true'],
        ['presented instanceof Refusal || cached(presented) === undefined', 'true'],
      ],
    },
    {
      why: 'only JWTs of an issuer with keys get here; the other case is for the compiler',
      changes: [['issuer.local?.hasStatus', 'issuer.local.hasStatus']],
    },
    {
      why: 'only whether the number has changed is looked at',
      changes: [['invalidations++', 'invalidations--']],
    },
  ],
  'src/verifier/jwt-or-opaque.ts': [
    {
      why: 'what follows comes to the same for a token without a dot; the condition is there for speed',
      changes: [
        ["takesOpaque && !raw.includes('.')", 'false'],
        ["'.'", '""'],
      ],
    },
    { why: 'no token begins with a text that has spaces', changes: [['[]', '["Stryker was here"]']] },
    {
      why: 'a token with a header has three parts, and one with a dot has two; the default is for the compiler',
      changes: [
        ["''", '"Stryker was here!"'],
        ['header?.startsWith', 'header.startsWith'],
      ],
    },
  ],
  'src/verifier/introspection-verifier.ts': [
    {
      why: 'an issuer that is loaded is asked for twice then, and a name that is not a text is not one of them; the condition saves that',
      changes: [
        ["typeof name !== 'string' || issuers.loaded(name)", 'false'],
        ["typeof name !== 'string' || issuers.loaded(name)", "typeof name !== 'string' && issuers.loaded(name)"],
        ["typeof name !== 'string'", 'false'],
      ],
    },
    { why: 'deleting a record takes no place of a request', changes: [['false', 'true']] },
    { why: 'what is no issuer has no introspection', changes: [['[]', '["Stryker was here"]']] },
  ],
  'src/claims/freeze-claims.ts': [
    {
      why: 'only an own member can be deleted; the condition saves the call',
      changes: [["Object.hasOwn(value, '__proto__')", 'true']],
    },
    {
      why: 'the loop passes over what is no object; the condition keeps the list short',
      changes: [['isObject(member)', 'true']],
    },
    {
      why: 'to remember more objects than can be in a cycle only takes memory',
      changes: [
        ['pending.length > before', 'true'],
        ['pending.length > before', 'pending.length >= before'],
      ],
    },
  ],
  'src/claims/typed-claims.ts': [
    {
      why: 'Number.isFinite is false for all that is not a number; the other condition is for the compiler',
      changes: [["typeof value === 'number'", 'true']],
    },
  ],
  'src/guards/authentication.ts': [
    {
      why: 'a member that is undefined means the same as none',
      changes: [['maxAge !== undefined', 'true']],
    },
    {
      why: 'the list has only strings; the condition is for the compiler',
      changes: [['actual.acr !== undefined', 'true']],
    },
    {
      why: 'a comparison with NaN is false; the condition is for the compiler',
      changes: [['time !== undefined', 'true']],
    },
  ],
  'src/guards/evaluate.ts': [
    {
      why: 'the general code comes to the same; the condition is there for speed',
      changes: [
        ['permitted !== true', 'true'],
        ['every !== undefined || some !== undefined', 'true'],
      ],
    },
  ],
  'src/guards/demand.ts': [
    {
      why: 'the scopes beside a refusal are not read',
      changes: [['[]', '["Stryker was here"]']],
    },
    {
      why: 'a member that is undefined means the same as none',
      changes: [['maxAge !== undefined', 'true']],
    },
    {
      why: 'allOf() takes the guards out of another allOf(), so that none contains one',
      changes: [['guard.every', 'false']],
    },
    {
      why: 'the refusals of this kind have a list, if an empty one; other kinds do not get here',
      changes: [['details.acr?.length', 'details.acr.length']],
    },
  ],
  'src/http/challenge.ts': [
    {
      why: 'a route accepts one scheme at least; the default is for the compiler',
      changes: [["'Bearer'", '""']],
    },
  ],
  'src/http/credential-sources.ts': [
    {
      why: 'no request has a header without a name',
      changes: [['header === undefined', 'false']],
    },
    {
      why: 'no browser sends such an origin',
      changes: [['[]', '["Stryker was here"]']],
    },
  ],
  'src/http/query-token.ts': [
    {
      why: 'the search finds nothing either; the condition is there for speed',
      changes: [
        ["!target.includes('?') && !target.includes('#')", 'false'],
        ["'?'", '""'],
        ["'#'", '""'],
      ],
    },
    {
      why: 'what follows a name is a separator or nothing, which is no character of the name and no digit',
      changes: [
        ['at < target.length', 'at <= target.length'],
        ['at >= stop', 'false'],
        ['at >= stop', 'at > stop'],
        ['at + 2 >= stop', 'false'],
        ['at + 2 >= stop', 'at + 2 > stop'],
        ['at + 2', 'at - 2'],
      ],
    },
    {
      why: 'the text has two characters at most',
      changes: [
        ['/^[0-9A-Fa-f]{2}$/', '/[0-9A-Fa-f]{2}$/'],
        ['/^[0-9A-Fa-f]{2}$/', '/^[0-9A-Fa-f]{2}/'],
      ],
    },
    {
      why: 'a percent sign that begins no escape ends the comparison, whatever it is taken for',
      changes: [['[code, 1]', '[]']],
    },
  ],
  'src/http/grammar.ts': [
    {
      why: 'the general rule finds the same; the condition is there for speed',
      changes: [
        ['value.startsWith(USUAL)', 'value.endsWith(USUAL)'],
        ["'Bearer'", '""'],
        ["!value.includes(',')", 'false'],
        ["','", '""'],
      ],
    },
    {
      why: 'outside of a text there is no character to find, and a part that would end before it begins is empty',
      changes: [
        ['start < end', 'true'],
        ['start < end', 'start <= end'],
        ['end > start', 'true'],
        ['end > start', 'end >= start'],
        ['start === 0 && end === value.length', 'false'],
        ['at < value.length', 'at <= value.length'],
      ],
    },
  ],
  'src/http/credentials.ts': [
    {
      why: 'the general code comes to the same; the condition is there for speed',
      changes: [
        ['presented.elsewhere.length === 0 || inHeader instanceof Refusal', 'false'],
        [
          'presented.elsewhere.length === 0 || inHeader instanceof Refusal',
          'presented.elsewhere.length === 0 && inHeader instanceof Refusal',
        ],
        ['presented.elsewhere.length === 0', 'false'],
        ["name === 'Bearer'", 'false'],
        ["'Bearer'", '""'],
      ],
    },
    {
      why: 'another condition comes to the same; this one is for the compiler',
      changes: [
        ['name === undefined', 'false'],
        ['scheme !== undefined', 'true'],
        ['request.form?.(policy.formLimit)', 'request.form(policy.formLimit)'],
      ],
    },
    { why: 'neither has the syntax of a token', changes: [["''", '"Stryker was here!"']] },
  ],
  'src/jwt/verify-jwt.ts': [
    {
      why: 'keys of other algorithms are not loaded; the check is there in case that changes',
      changes: [
        ['!rules.algorithms.includes(jwt.header.algorithm)', 'false'],
        ["'algorithm'", '""'],
      ],
    },
  ],
  'src/jwt/select-key.ts': [
    {
      why: 'what is no promise can be awaited as well; the condition is there for speed',
      changes: [
        ["typeof isValid === 'boolean'", 'false'],
        ["'boolean'", '""'],
      ],
    },
  ],
  'src/jwt/header.ts': [
    {
      why: 'the list of algorithms has only strings; the condition is for the compiler',
      changes: [["typeof alg !== 'string'", 'false']],
    },
  ],
  'src/claims/registered-claims.ts': [
    {
      why: 'Number.isFinite is false for all that is not a number; the other condition is for the compiler',
      changes: [["typeof value === 'number'", 'true']],
    },
  ],
  'src/sender-constraint/dpop/verify-proof.ts': [
    {
      why: 'a key that is in the cache is put there again; the condition saves the call',
      changes: [['key !== proof.key', 'true']],
    },
  ],
  'src/sender-constraint/dpop/proof-key.ts': [
    {
      why: 'algorithmOf refuses a key of any other type; the condition is for the compiler',
      changes: [['!names', 'false']],
    },
    {
      why: 'algorithmOf has refused a number that is not base64url: it has no bits',
      changes: [['bytesOf(number)?.[0]', 'bytesOf(number)[0]']],
    },
  ],
  'src/sender-constraint/dpop/target-uri.ts': [
    {
      why: 'the rule for a proxy that strips the whole path accepts an empty path for the root as well',
      changes: [
        ["path === ''", 'false'],
        ["'/'", '""'],
      ],
    },
    {
      why: 'a text that is not an absolute URI has no scheme of ours, and a wrong authority has no host, whatever the defaults',
      changes: [
        ["''", '"Stryker was here!"'],
        ['[]', '["Stryker was here"]'],
      ],
    },
    {
      why: 'the pattern always matches',
      changes: [
        ['/^[^?#]*/.exec(requestTarget)?.[0]', '/^[^?#]*/.exec(requestTarget)[0]'],
        ['/^[^?#]*/', '/[^?#]*/'],
      ],
    },
    {
      why: 'htu has the syntax of a path, so a request path without it equals none',
      changes: [
        ['path === undefined || !PATH.test(path)', 'path === undefined && !PATH.test(path)'],
        ['path === undefined', 'false'],
        [
          "/^(?:\\/(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)*$/",
          "/^(?:\\/(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f])*)*$/",
        ],
      ],
    },
    {
      why: 'nothing is replaced either; the condition is there for speed',
      changes: [
        ["!text.includes('%')", 'false'],
        ["'%'", '""'],
        ["!path.includes('/.')", 'false'],
        ["'/.'", '""'],
      ],
    },
    {
      why: 'both sides of the comparison get the same case',
      changes: [['found.toUpperCase()', 'found.toLowerCase()']],
    },
    {
      why: 'URI_CHARACTERS has refused an escape without two digits',
      changes: [
        [
          "/^(\\[[0-9A-Fa-f:.]+\\]|(?:[A-Za-z0-9\\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+)(?::([0-9]*))?$/",
          "/^(\\[[0-9A-Fa-f:.]+\\]|(?:[A-Za-z0-9\\-._~!$&'()*+,;=]|%[0-9A-Fa-f])+)(?::([0-9]*))?$/",
        ],
      ],
    },
    {
      why: 'the text is one character',
      changes: [
        ['/^[A-Za-z0-9\\-._~]$/', '/[A-Za-z0-9\\-._~]$/'],
        ['/^[A-Za-z0-9\\-._~]$/', '/^[A-Za-z0-9\\-._~]/'],
      ],
    },
  ],
  'src/jwks/key-index.ts': [
    {
      why: 'a text that is split has a first part; the default is for the compiler',
      changes: [["''", '"Stryker was here!"']],
    },
  ],
  'src/introspection/cache/record.ts': [
    {
      why: 'no JSON is parsed from it, and what does not parse is a miss; the condition is for the compiler',
      changes: [['text === undefined', 'false']],
    },
    { why: 'readResponse refuses any other value', changes: [['active !== true', 'false']] },
    { why: 'a function that ends returns undefined', changes: [['{\n    return undefined\n  }', '{}']] },
  ],
  'src/introspection/without-token.ts': [
    {
      why: 'what has no escapes stays the same; the condition saves the work',
      changes: [['/[%\\\\]/', '/[^%\\\\]/']],
    },
  ],
  'src/introspection/cache/introspection-cache.ts': [
    {
      why: 'what is abandoned is not joined; to keep it only takes memory',
      changes: [
        [
          '{\n    for (const [digest, { work }] of pending) {\n      if (!work.isAbandoned()) return\n      pending.delete(digest)\n    }\n  }',
          '{}',
        ],
        ['{\n      if (!work.isAbandoned()) return\n      pending.delete(digest)\n    }', '{}'],
        ['!work.isAbandoned()', 'true'],
      ],
    },
  ],
  'src/introspection/cache/local-cache.ts': [
    {
      why: 'a response comes from the introspector of its issuer; the condition is for the compiler',
      changes: [['issuer.introspector?.cache', 'issuer.introspector.cache']],
    },
  ],
  'src/introspection/cache/shared-cache.ts': [
    {
      why: 'a store without claims has been left by then; the condition is for the compiler',
      changes: [['store.claim?.(key, lifetime)', 'store.claim(key, lifetime)']],
    },
  ],
  'src/introspection/cache/shared-source.ts': [
    {
      why: 'the clock does not stop between two readings',
      changes: [['monotonicNow() > end', 'monotonicNow() >= end']],
    },
    {
      why: 'to await what has been written takes no time; to keep it only takes memory',
      changes: [
        ['{\n        if (writes.get(key) === writing) writes.delete(key)\n      }', '{}'],
        ['writes.get(key) === writing', 'false'],
      ],
    },
  ],
  'src/introspection/cache/source.ts': [
    {
      why: 'only false means that it failed',
      changes: [['async () => true', '() => undefined']],
    },
  ],
  'src/jwks/freshness.ts': [
    {
      why: 'neither text has a directive or is a number',
      changes: [["''", '"Stryker was here!"']],
    },
    {
      why: 'a max-age was found in these headers; the condition is for the compiler',
      changes: [['headers?.get', 'headers.get']],
    },
  ],
  'src/sender-constraint/verify-sender.ts': [
    {
      why: 'without DPoP, a bound token has been refused; the condition is for the compiler',
      changes: [['dpop?.prove', 'dpop.prove']],
    },
  ],
  'src/sender-constraint/dpop/nonce.ts': [
    {
      why: 'Node takes a text as the same bytes; other runtimes do not, see test/sender-constraint/portable.test.ts',
      changes: [
        ["typeof secret === 'string'", 'false'],
        ["'string'", '""'],
      ],
    },
    {
      why: 'the same nonces are computed again; the condition saves that',
      changes: [['latest?.number === number', 'false']],
    },
  ],
  'src/sender-constraint/dpop/unrecorded-keys.ts': [
    {
      why: 'an entry that has ended proves nothing; to keep it only takes memory',
      changes: [
        ['{\n        if (end > now) break\n        ends.delete(old)\n      }', '{}'],
        ['end > now', 'true'],
        ['end > now', 'end >= now'],
      ],
    },
  ],
  'src/jwks/shared-key-sets.ts': [
    {
      why: 'what is not abandoned is the current fetch, and what is abandoned has failed already',
      changes: [['isCurrent()', 'true']],
    },
  ],
  'src/revocation/endings.ts': [
    {
      why: 'two that end at the same time may be in either order',
      changes: [
        ['at(parent) <= at(index)', 'at(parent) < at(index)'],
        ['at(left + 1) < at(left)', 'at(left + 1) <= at(left)'],
      ],
    },
    {
      why: 'a place without an ending sinks to the end, and only takes memory',
      changes: [['heap.length - 1', 'heap.length + 1']],
    },
  ],
  'src/revocation/named-entries.ts': [
    {
      why: 'the entry that covers most only saves trying the others; how long that takes is in a test that is left out here',
      changes: [
        ['[found.widest, entry]', '[]'],
        ['[found, entry]', '[]'],
        ['found.widest === entry', 'true'],
        ['time !== undefined && time > latestOf(found.widest)', 'false'],
        ['time !== undefined', 'time === undefined'],
        ['matches(found.widest)', 'false'],
        ['before === undefined', 'true'],
        ['before === undefined', 'before !== undefined'],
        ['latestOf(entry) >= latestOf(widest)', 'latestOf(entry) > latestOf(widest)'],
      ],
    },
    {
      why: 'the condition is for the compiler: no entry has such a name, and a comparison with undefined is false',
      changes: [
        ['!found', 'false'],
        ['name === undefined', 'false'],
        ['time !== undefined', 'true'],
      ],
    },
  ],
  'src/revocation/received.ts': [
    {
      why: 'what endpoints receive names its issuer; the default is for the compiler',
      changes: [["''", '"Stryker was here!"']],
    },
    {
      why: 'a count of 0 only takes memory',
      changes: [
        ['count > 0', 'true'],
        ['count > 0', 'count >= 0'],
      ],
    },
  ],
  'src/revocation/shared-signals.ts': [
    {
      why: 'only a header that is required is missing; the default is for the compiler',
      changes: [["''", '"Stryker was here!"']],
    },
  ],
  'src/revocation/security-token.ts': [
    {
      why: 'no trusted issuer has such a name; the condition is for the compiler',
      changes: [["typeof issuer !== 'string'", 'false']],
    },
  ],
  'src/revocation/transmitters.ts': [
    {
      why: 'no origin is such a text',
      changes: [['[]', '["Stryker was here"]']],
    },
    {
      why: 'no one sees the sentence: events have the code, and senders a sentence of their own',
      changes: [
        ["'the metadata of the transmitter names another issuer'", '""'],
        ["'the metadata of the transmitter has no jwks_uri'", '""'],
        ["'the jwks_uri of the transmitter is not https'", '""'],
      ],
    },
  ],
  'src/revocation/subject.ts': [
    {
      why: 'one identifier names sessions at all issuers, or at none',
      changes: [
        ['ofSession.some(({ sid }) => sid === undefined)', 'ofSession.every(({\n  sid\n}) => sid === undefined)'],
      ],
    },
  ],
  'src/revocation/revocation-index.ts': [
    {
      why: 'no token names undefined; the condition keeps the index small',
      changes: [['value !== undefined', 'true']],
    },
    {
      why: 'without entries, none is found either; the condition saves the search',
      changes: [['byId.size === 0', 'false']],
    },
    {
      why: 'a comparison with undefined is false; the condition is for the compiler',
      changes: [['members.before !== undefined', 'true']],
    },
    {
      why: 'any key that no issuer has is as good',
      changes: [["''", '"Stryker was here!"']],
    },
    {
      why: 'what was not removed cannot be deleted from what was',
      changes: [['now + 1', 'now - 1']],
    },
  ],
  'src/status-list/list-cache.ts': [
    {
      why: 'all that is thrown there is an UpstreamError already',
      changes: [["'the status list is unreadable'", '""']],
    },
    {
      why: 'these times have a random part, so that no test can be at their very end',
      changes: [
        ['monotonicNow() >= pause.notBefore', 'monotonicNow() > pause.notBefore'],
        ['monotonicNow() - fresh.at >= fresh.refreshAfter', 'monotonicNow() - fresh.at > fresh.refreshAfter'],
      ],
    },
    {
      why: 'without time left, a wait ends at once',
      changes: [
        ['left > 0', 'true'],
        ['left > 0', 'left >= 0'],
      ],
    },
  ],
  'src/status-list/status-list-token.ts': [
    {
      why: 'Node refuses a stream that is cut off by itself; the checksum is for Deno',
      changes: [
        ['byteLength > 4 && new DataView(buffer, byteOffset).getUint32(byteLength - 4) === adler32(bytes)', 'true'],
        [
          'byteLength > 4 && new DataView(buffer, byteOffset).getUint32(byteLength - 4) === adler32(bytes)',
          'byteLength > 4 || new DataView(buffer, byteOffset).getUint32(byteLength - 4) === adler32(bytes)',
        ],
        ['byteLength > 4', 'true'],
        ['byteLength > 4', 'byteLength >= 4'],
        ['new DataView(buffer, byteOffset).getUint32(byteLength - 4) === adler32(bytes)', 'true'],
        ['!isComplete', 'false'],
        ["'is not complete'", '""'],
      ],
    },
    {
      why: 'an empty piece adds nothing to the sums',
      changes: [['at < bytes.byteLength', 'at <= bytes.byteLength']],
    },
  ],
  'src/status-list/status-list.ts': [
    {
      why: 'a list that was removed to make place for others may be there again when it has loaded',
      changes: [['lists.peek(uri) === cache', 'true']],
    },
    {
      why: 'no list has a status before its first one',
      changes: [['idx >= 0', 'true']],
    },
    {
      why: 'the condition is for the compiler',
      changes: [
        ['signer.local?.verifySignature', 'signer.local.verifySignature'],
        ['!reference', 'false'],
        ['false', 'true'],
        ["typeof idx === 'number'", 'true'],
      ],
    },
  ],
  'src/jwks/jwks-cache.ts': [
    {
      why: 'the key that was current last is only remembered for speed: before the set is due, the lines below say the same of it',
      changes: [
        ['key === this.#current && now < this.#currentUntil', 'false'],
        ['now < loaded.refreshAt', 'false'],
        ['{\n      this.#current = key\n      this.#currentUntil = loaded.refreshAt\n      return true\n    }', '{}'],
      ],
    },
    {
      why: 'nothing uses whether a refresh succeeded: the state has that',
      changes: [
        ['() => false', '() => undefined'],
        ['false', 'true'],
        ['true', 'false'],
      ],
    },
    {
      why: 'there is a set by then; the condition and the default are for the compiler',
      changes: [
        ['this.#loaded?.index', 'this.#loaded.index'],
        ['this.#loaded?.lifetime', 'this.#loaded.lifetime'],
        ['[]', '["Stryker was here"]'],
        ['!loaded || age === undefined', '!loaded && age === undefined'],
        ['age === undefined', 'false'],
      ],
    },
    {
      why: 'the same keys are found again; the condition saves that',
      changes: [
        ['found.length === 0', 'true'],
        ['!refresh', 'false'],
      ],
    },
  ],
  'src/introspection/blame.ts': [
    {
      why: 'undefined is not within the limits either; the condition is for the compiler',
      changes: [['status !== undefined', 'true']],
    },
  ],
  'src/introspection/introspector.ts': [
    {
      why: 'undefined is not in the list; the condition is for the compiler',
      changes: [['status !== undefined', 'true']],
    },
  ],
  'src/introspection/client-authentication.ts': [
    {
      why: 'JSON has no member that is undefined',
      changes: [['kid !== undefined', 'true']],
    },
  ],
  'src/sender-constraint/dpop/replay-cache.ts': [
    {
      why: 'the key of each recorded proof has a holder; the condition is for the compiler',
      changes: [['!holder', 'false']],
    },
  ],
  'src/sender-constraint/mtls/certificate-field.ts': [
    {
      why: 'a match has the group; the condition is for the compiler',
      changes: [['PEM.exec(percentDecoded(value))?.[1]?.replace', 'PEM.exec(percentDecoded(value))?.[1].replace']],
    },
    {
      why: 'white space is removed one by one as well',
      changes: [['/[ \\t\\r\\n]+/g', '/[ \\t\\r\\n]/g']],
    },
    {
      why: 'neither is PEM',
      changes: [
        ["{\n    return ''\n  }", '{}'],
        ["''", '"Stryker was here!"'],
      ],
    },
  ],
  'src/sender-constraint/mtls/client-certificate.ts': [
    { why: 'neither is a certificate', changes: [['[]', '["Stryker was here"]']] },
    {
      why: 'a member that is undefined means the same as none',
      changes: [['{ address: undefined }', '{}']],
    },
  ],
  'src/sender-constraint/mtls/thumbprint.ts': [
    {
      why: 'WebCrypto computes the same digest',
      changes: [
        ['hash', 'false'],
        ["'node:crypto'", '""'],
      ],
    },
  ],
  'src/sender-constraint/mtls/xfcc.ts': [
    {
      why: 'what is no pair has none of the names',
      changes: [['[]', '["Stryker was here"]']],
    },
    {
      why: 'SHA256 has matched, so that there are digits',
      changes: [['hex.match(/../g)?.map', 'hex.match(/../g).map']],
    },
    {
      why: 'one of the two has matched; the empty text is for the compiler',
      changes: [["''", '"Stryker was here!"']],
    },
    {
      why: 'SHA256 does not match undefined, and without pairs there is no hash',
      changes: [
        ['hash === undefined', 'false'],
        ['pairs.length === 0', 'false'],
      ],
    },
    {
      why: 'both are undefined together: a match has a key',
      changes: [
        ['whole === undefined || key === undefined', 'whole === undefined && key === undefined'],
        ['whole === undefined', 'false'],
        ['key === undefined', 'false'],
      ],
    },
  ],
}

export const isEquivalent = (file: string, before: string, after: string): boolean =>
  (EQUIVALENT[file] ?? []).some(({ changes }) => changes.some((one) => one[0] === before && one[1] === after))
