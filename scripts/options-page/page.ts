import { ALL_FEATURES } from '../../src/features/all.ts'
import { clientMethods } from '../../src/introspection/client-settings.ts'
import { introspectionShape, introspectShape } from '../../src/introspection/settings.ts'
import { resolverShape } from '../../src/issuers/resolver-settings.ts'
import { issuerShape } from '../../src/issuers/settings.ts'
import { serverShape } from '../../src/options.ts'
import { type Export, exportsOf } from '../api-reference/exports.ts'
import { type PublicType, type Row, rowsOf } from './rows.ts'

/** Where the options are documented. */
export const OPTIONS_PAGE = 'docs/options.md'

const INTRODUCTION = `# All options

\`resourceServer(options)\` and \`createResourceServer(options)\` take one object. It is copied and checked at once: a wrong
or unknown option, and an option that is \`undefined\`, throws a \`ConfigurationError\` that names it.

\`npm run docs\` writes this page from the checks and the doc comments of the sources. Changes belong there, not here.
`

const ISSUER =
  'Its URL, or an object. A list has several; see also [issuers known at run time](#issuers-known-at-run-time).'

const CLIENT = 'How this API authenticates at the introspection endpoint:'

const METHODS: Readonly<Record<keyof typeof clientMethods, string>> = {
  client_secret_basic:
    'In the `Authorization` header, form-encoded first (RFC 6749 §2.3.1). If a server does not decode that, use `client_secret_post`.',
  client_secret_post: 'In the body.',
  private_key_jwt:
    'A new assertion for each request (RFC 7523). `key` is a `CryptoKey` or a JWK. `audience` is the issuer, unless the server expects the URL of its endpoint.',
  bearer: 'An access token of this API: `token` is a string, or a function that gets it for each request.',
  none: 'By the client certificate of your own `fetch` (RFC 8705).',
}

const AT_RUN_TIME = `\`issuer\` may be an object that finds the issuers, such as one per tenant:

\`\`\`ts
resourceServer({
  resource: 'https://api.example.com',
  issuer: {
    allow: { has: (issuer) => tenants.isKnown(issuer) }, // by exact string; or an array, or a Set
    resolve: async (issuer) => ({ audience: await tenants.audienceOf(issuer) }), // never null: that accepts tokens for anyone
  },
})
\`\`\``

/** The page as Markdown, of the sources in a folder. */
export function optionsPage(root: string): string {
  const core = exportsOf(root).get('bearward') ?? []
  const sections = [
    [
      'The server',
      table(rowsOf(serverShape(ALL_FEATURES.options).members, typeNamed(core, 'ResourceServerOptions'), ['issuer'])),
    ],
    [
      'An issuer',
      ISSUER,
      table(
        rowsOf(issuerShape(ALL_FEATURES.options).members, typeNamed(core, 'IssuerOptions'), [
          'introspection',
          'introspect',
        ]),
      ),
    ],
    [
      'Introspection',
      '`introspection` of an issuer:',
      table(rowsOf(introspectionShape.members, typeNamed(core, 'IntrospectionOptions'), ['client'])),
      CLIENT,
      methods(),
      '`introspect` of an issuer is a function, or an object:',
      table(rowsOf(introspectShape.members, typeNamed(core, 'IntrospectOptions'))),
    ],
    [
      'Issuers known at run time',
      AT_RUN_TIME,
      table(rowsOf(resolverShape(ALL_FEATURES.options).members, typeNamed(core, 'IssuerResolver'))),
    ],
  ]
  return [INTRODUCTION, ...sections.map(([title, ...parts]) => `## ${title}\n\n${parts.join('\n\n')}\n`)].join('\n')
}

function typeNamed(all: readonly Export[], name: string): PublicType {
  const found = all.find((one) => one.name === name)
  if (!found) throw new Error(`bearward exports no ${name}`)
  return { type: found.checker.getTypeAtLocation(found.declaration), checker: found.checker }
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

const table = (rows: readonly Row[]): string =>
  [
    '| option | type, unit | default | |',
    '|---|---|---|---|',
    ...rows.map(({ option, type, fallback, sentence }) =>
      `| \`${option}\` | ${cell(type)} | ${cell(fallback)} | ${cell(sentence)} |`.replaceAll('|  |', '| |'),
    ),
  ].join('\n')

const methods = (): string =>
  [
    '| `client.method` | with | |',
    '|---|---|---|',
    ...Object.entries(METHODS).map(([name, sentence]) => {
      const members = Object.keys(clientMethods[name as keyof typeof clientMethods].members)
      const others = members.filter((member) => member !== 'method').map((member) => `\`${member}\``)
      return `| \`${name}\` | ${others.join(', ')} | ${sentence} |`
    }),
  ].join('\n')
