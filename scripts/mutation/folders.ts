/** A folder whose rules decide about requests, and the tests that run for each of its mutants. */
export interface Folder {
  readonly path: string
  readonly tests: readonly string[]
}

/** Declarations of options are left out: most of their mutants change a sentence, and test/options/ is about them. */
export const DECLARATIONS: readonly string[] = [
  '!src/**/options.ts',
  '!src/**/settings.ts',
  '!src/**/client-settings.ts',
]

const tests = (folder: string, names: string): readonly string[] =>
  names.split(' ').map((name) => `test/${folder}/${name}.test.ts`)

/**
 * Tests about documents, about what other adapters than the one of node:http do, about what is chosen when a process starts,
 * and those that take too long or read the name of their own file.
 */
export const LEFT_OUT: readonly string[] = [
  'is the one in the docs',
  'is read up to the limit only, where no body parser has set one',
  'by a runtime that does not expose the certificate',
  'throws errors like those of node:assert',
  'at most 60 fetches, and a good tenant needs none',
  'good tokens never wait',
  'regardless of their number',
  'refuse no request',
  'discovery, cooldown and back-off outlive an evicted tenant',
  'the portable engine is used',
  'the digest of a token is a promise of a SHA-256',
  'does not lock out the others',
  'free for others, minus one per key',
  'takes no longer for a user who signs out',
]

/**
 * The quickest tests first: the first one that fails ends the run of a mutant. What is in another folder of the list follows
 * it, and has tests of its own.
 */
export const FOLDERS: readonly Folder[] = [
  {
    path: 'src/http',
    tests: [
      ...tests('http', 'credential-grammar query-spellings transport credentials presented respond responses.property'),
      ...tests('guards', 'again declarations'),
      ...tests('options', 'wrong-values right-options'),
      ...tests('contract', 'forms credentials credential-sources responses step-up dpop'),
      ...tests('attacks', 'form-bodies'),
      ...tests('corpus', 'requests'),
    ],
  },
  {
    path: 'src/claims',
    tests: [
      ...tests('jwt', 'claims-frozen claims-schema non-access-token-claims'),
      ...tests('issuers', 'token-rules'),
      ...tests('guards', 'decisions authentication'),
      ...tests('introspection', 'local-checks access-token'),
      ...tests('corpus', 'tokens'),
    ],
  },
  {
    path: 'src/guards',
    tests: [
      ...tests(
        'guards',
        'decisions declarations claim again authentication scope-graph authorization-details report-only',
      ),
      ...tests('contract', 'guards step-up authorization-details'),
      ...tests('introspection', 'introspected'),
    ],
  },
  {
    path: 'src/jwt',
    tests: [
      ...tests('jwt', 'select-key profile-report-only engines'),
      ...tests('verifier', 'narrowed jwt-cache'),
      ...tests('revocation', 'logout'),
      ...tests('status-list', 'status-list'),
      ...tests('events', 'events'),
      ...tests('contract', 'backchannel-logout'),
      ...tests('corpus', 'tokens'),
    ],
  },
  {
    path: 'src/sender-constraint',
    tests: [
      ...tests('sender-constraint', 'route-mode'),
      ...tests(
        'sender-constraint/dpop',
        'unrecorded-keys binding nonce clock proof proof-key target-uri replay-guard replay-cache',
      ),
      ...tests('sender-constraint/mtls', 'certificate-field client-certificate'),
      ...tests('sender-constraint', 'portable'),
      ...tests('contract', 'dpop sender-constraint mtls'),
    ],
  },
  {
    path: 'src/jwks',
    tests: [
      ...tests(
        'jwks',
        'jwks-cache jwks-cache-keys jwks-cache-times shared-key-sets freshness state media-types weak-keys bad-members sources',
      ),
      ...tests('issuers', 'tenants'),
      ...tests('jwks', 'discovery changed-metadata rotation single-flight unknown-kid'),
    ],
  },
  {
    path: 'src/introspection',
    tests: [
      ...tests(
        'introspection',
        'blame introspector custom-introspector signed-response record local-checks wrong-shapes older-responses real-responses lifetimes request client-secret client-other client-assertion introspected introspect-function introspected-jwt store-secret forget retry breaker single-flight short-lives repeated-token routing faults resolved-issuers',
      ),
      ...tests('jwks', 'changed-metadata'),
      ...tests('attacks', 'opaque-store'),
    ],
  },
  {
    path: 'src/status-list',
    tests: tests('status-list', 'status-list freshness tenants watch'),
  },
  ...['revocation-index', 'endings', 'named-entries'].map((name) => ({
    path: `src/revocation/${name}.ts`,
    tests: tests('revocation', 'index'),
  })),
  ...[
    'subject',
    'record',
    'rejection',
    'request-body',
    'security-token',
    'backchannel-logout',
    'shared-signals',
    'entry',
    'received',
    'transmitters',
  ].map((name) => ({
    path: `src/revocation/${name}.ts`,
    tests: tests('revocation', 'subject record entry received-requests signers logout shared-signals share revoke'),
  })),
  ...['authenticate-request', 'decide'].map((name) => ({
    path: `src/${name}.ts`,
    tests: [
      ...tests('guards', 'again decisions replaced-promise report-only'),
      ...tests('http', 'presented credentials'),
      ...tests('verifier', 'cached-decisions.property narrowed'),
      ...tests('contract', 'stacked fetch late credential-sources forms mtls dpop sender-constraint guards'),
      ...tests('introspection', 'introspected local-checks'),
      ...tests('revocation', 'revoke'),
      ...tests('jwt', 'profile-report-only'),
      ...tests('status-list', 'status-list'),
      ...tests('events', 'events'),
    ],
  })),
  ...['token-verifier', 'jwt-cache'].map((name) => ({
    path: `src/verifier/${name}.ts`,
    tests: [
      ...tests('verifier', 'limits jwt-cache narrowed portable invalidation.property cached-decisions.property'),
      ...tests('introspection', 'introspected introspected-jwt local-checks forget routing'),
      ...tests('revocation', 'revoke opaque share store watch ended'),
      ...tests('status-list', 'status-list tenants watch'),
      ...tests('issuers', 'several changed-tenants evicted-issuers availability'),
      ...tests('guards', 'again'),
      ...tests('contract', 'tokens'),
      ...tests('attacks', 'opaque-disguises opaque-store'),
      ...tests('corpus', 'tokens'),
    ],
  })),
  ...['jwt-or-opaque', 'token-format'].map((name) => ({
    path: `src/verifier/${name}.ts`,
    tests: [
      ...tests('attacks', 'opaque-disguises opaque-scopes'),
      ...tests('introspection', 'several-issuers routing'),
      ...tests('jwt-only', 'jwt-only'),
      ...tests('contract', 'tokens issuers'),
    ],
  })),
  {
    path: 'src/verifier/introspection-verifier.ts',
    tests: [
      ...tests(
        'introspection',
        'introspected introspected-jwt forget routing resolved-issuers local-checks short-lives',
      ),
      ...tests('introspection', 'several-issuers shared-source shared-cache shared-claims record store-secret'),
      ...tests('jwt', 'claims-schema'),
      ...tests('revocation', 'opaque'),
      ...tests('attacks', 'opaque-store'),
    ],
  },
  {
    path: 'src/verifier/token-watches.ts',
    tests: [...tests('revocation', 'watch store opaque'), ...tests('status-list', 'watch tenants')],
  },
  {
    path: 'src/verifier/revocation.ts',
    tests: [...tests('revocation', 'store revoke'), ...tests('issuers', 'availability')],
  },
  {
    path: 'src/revocation/issuer-names.ts',
    tests: tests('revocation', 'signers'),
  },
  // In these, nearly every test above runs what is changed: a minute for each survivor.
  { path: 'src/introspection/without-token.ts', tests: tests('introspection', 'repeated-token') },
  {
    path: 'src/sender-constraint/dpop/replay-cache.ts',
    tests: tests('sender-constraint/dpop', 'replay-cache replay-guard unrecorded-keys'),
  },
  {
    path: 'src/introspection/cache',
    tests: [
      ...tests(
        'introspection',
        'record local-cache shared-cache response-cache shared-source shared-claims older-responses lifetimes forget introspected store-secret introspected-jwt resolved-issuers repeated-token',
      ),
      ...tests('attacks', 'opaque-store'),
    ],
  },
]
