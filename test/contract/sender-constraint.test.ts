import { dpop, mtls, scope } from 'bearward'
import { createDpopClient, type DpopClient, parseChallenges } from 'bearward/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App, Route } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { seesCertificates } from '../support/apps/runtime.ts'
import { persistentConnections, type RawResponse } from '../support/http/raw-client.ts'
import {
  CLIENT,
  createIntrospectingIssuer,
  type IntrospectingIssuer,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { amount } from '../support/tiers/amount.ts'
import { createCertificate } from '../support/tls/certificates.ts'
import { createTlsServing, overTls } from '../support/tls/tls.ts'

// D6: every combination of confirmation (`cnf`), scheme and client certificate, and its outcome for each mode of the
// server or the route. `cert` is the client certificate that the `x5t` tokens are bound to. All proofs are valid.
//
// ok: the handler runs. none: 401 without an error code, as without a credential. bound, free: 401 invalid_token with the
// reason `confirmation` or `unbound`. Then the schemes of the challenges in order: B(earer), D(PoP). Only the first
// challenge has the error.

const MODES = ['off', 'accept', 'require'] as const
type Mode = (typeof MODES)[number]

/** Columns: dpop/mtls of the server. */
const BY_SERVER = `
| cnf     | scheme | cert | off/off | off/accept | off/require | accept/off | accept/accept | accept/require | require/off | require/accept | require/require |
|---------|--------|------|---------|------------|-------------|------------|---------------|----------------|-------------|----------------|-----------------|
| none    | Bearer | no   | ok      | ok         | free B      | ok         | ok            | free BD        | free D      | free D         | free D          |
| none    | Bearer | yes  | ok      | ok         | free B      | ok         | ok            | free BD        | free D      | free D         | free D          |
| none    | DPoP   | no   | none B  | none B     | none B      | free D     | free D        | free D         | free D      | free D         | free D          |
| none    | DPoP   | yes  | none B  | none B     | none B      | free D     | free D        | free D         | free D      | free D         | free D          |
| jkt     | Bearer | no   | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| jkt     | Bearer | yes  | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| jkt     | DPoP   | no   | none B  | none B     | none B      | ok         | ok            | free D         | ok          | ok             | free D          |
| jkt     | DPoP   | yes  | none B  | none B     | none B      | ok         | ok            | free D         | ok          | ok             | free D          |
| x5t     | Bearer | no   | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| x5t     | Bearer | yes  | bound B | ok         | ok          | bound BD   | ok            | ok             | bound D     | free D         | free D          |
| x5t     | DPoP   | no   | none B  | none B     | none B      | free D     | free D        | free D         | free D      | free D         | free D          |
| x5t     | DPoP   | yes  | none B  | none B     | none B      | free D     | free D        | free D         | free D      | free D         | free D          |
| both    | Bearer | no   | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| both    | Bearer | yes  | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| both    | DPoP   | no   | none B  | none B     | none B      | bound D    | bound D       | bound D        | bound D     | bound D        | bound D         |
| both    | DPoP   | yes  | none B  | none B     | none B      | bound D    | ok            | ok             | bound D     | ok             | ok              |
| unknown | Bearer | no   | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| unknown | Bearer | yes  | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| unknown | DPoP   | no   | none B  | none B     | none B      | bound D    | bound D       | bound D        | bound D     | bound D        | bound D         |
| unknown | DPoP   | yes  | none B  | none B     | none B      | bound D    | bound D       | bound D        | bound D     | bound D        | bound D         |
`

/** Columns: `dpop()`/`mtls()` of a route on a server that accepts both. The server accepts a scheme that the route may not. */
const BY_ROUTE = `
| cnf     | scheme | cert | off/off | off/accept | off/require | accept/off | accept/accept | accept/require | require/off | require/accept | require/require |
|---------|--------|------|---------|------------|-------------|------------|---------------|----------------|-------------|----------------|-----------------|
| none    | Bearer | no   | ok      | ok         | free B      | ok         | ok            | free BD        | free D      | free D         | free D          |
| none    | Bearer | yes  | ok      | ok         | free B      | ok         | ok            | free BD        | free D      | free D         | free D          |
| none    | DPoP   | no   | free B  | free B     | free B      | free D     | free D        | free D         | free D      | free D         | free D          |
| none    | DPoP   | yes  | free B  | free B     | free B      | free D     | free D        | free D         | free D      | free D         | free D          |
| jkt     | Bearer | no   | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| jkt     | Bearer | yes  | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| jkt     | DPoP   | no   | none B  | none B     | none B      | ok         | ok            | free D         | ok          | ok             | free D          |
| jkt     | DPoP   | yes  | none B  | none B     | none B      | ok         | ok            | free D         | ok          | ok             | free D          |
| x5t     | Bearer | no   | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| x5t     | Bearer | yes  | bound B | ok         | ok          | bound BD   | ok            | ok             | free D      | free D         | free D          |
| x5t     | DPoP   | no   | free B  | free B     | free B      | free D     | free D        | free D         | free D      | free D         | free D          |
| x5t     | DPoP   | yes  | free B  | free B     | free B      | free D     | free D        | free D         | free D      | free D         | free D          |
| both    | Bearer | no   | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| both    | Bearer | yes  | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| both    | DPoP   | no   | bound B | bound B    | bound B     | bound D    | bound D       | bound D        | bound D     | bound D        | bound D         |
| both    | DPoP   | yes  | none B  | none B     | none B      | bound D    | ok            | ok             | bound D     | ok             | ok              |
| unknown | Bearer | no   | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| unknown | Bearer | yes  | bound B | bound B    | bound B     | bound BD   | bound BD      | bound BD       | bound D     | bound D        | bound D         |
| unknown | DPoP   | no   | bound B | bound B    | bound B     | bound D    | bound D       | bound D        | bound D     | bound D        | bound D         |
| unknown | DPoP   | yes  | bound B | bound B    | bound B     | bound D    | bound D       | bound D        | bound D     | bound D        | bound D         |
`

type Cnf = 'none' | 'jkt' | 'x5t' | 'both' | 'unknown'

interface Row {
  readonly name: string
  readonly cnf: Cnf
  readonly scheme: 'Bearer' | 'DPoP'
  readonly cert: boolean
  /** By `dpop/mtls`. */
  readonly expected: Readonly<Record<string, string>>
}

function rowsOf(table: string): readonly Row[] {
  const [head = [], , ...lines] = table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  return lines.map(([cnf, scheme, cert, ...cells]) => ({
    name: `${cnf} ${scheme} ${cert}`,
    cnf: cnf as Cnf,
    scheme: scheme as Row['scheme'],
    cert: cert === 'yes',
    expected: Object.fromEntries(cells.map((cell, at) => [head[at + 3] as string, cell])),
  }))
}

const SHORT: Readonly<Record<string, string>> = { no_credentials: 'none', confirmation: 'bound', unbound: 'free' }

/** A response in the notation of the tables, or the whole response if they have no notation for it. */
function inShort({ status, all, body }: RawResponse): string {
  if (status === 200) return 'ok'
  const challenges = all('WWW-Authenticate').flatMap((line) => parseChallenges(line))
  const { error, reason } = JSON.parse(body) as { error?: string; reason: string }
  const errors = challenges.map(({ parameters }) => parameters.error)
  const expected = reason === 'no_credentials' ? undefined : 'invalid_token'
  const isUsual =
    status === 401 &&
    all('WWW-Authenticate').length === 1 &&
    error === expected &&
    errors.every((one, at) => one === (at === 0 ? expected : undefined)) &&
    challenges.every(({ scheme, parameters }) => (parameters.algs !== undefined) === (scheme === 'DPoP'))
  if (!isUsual || !(reason in SHORT)) return JSON.stringify({ status, challenges, body })
  return `${SHORT[reason]} ${challenges.map(({ scheme }) => scheme[0]).join('')}`
}

const serving = createTlsServing()
const certificate = createCertificate('client')
// All requests to an API share two connections: a handshake costs more than a request.
const withCertificate = persistentConnections(overTls(certificate))
const without = persistentConnections(overTls())
let issuer: IntrospectingIssuer
let client: DpopClient
const running: App[] = []

beforeAll(async () => {
  issuer = await createIntrospectingIssuer()
  client = await createDpopClient()
})
afterAll(async () => {
  withCertificate.close()
  without.close()
  await closeAll(running)
  await issuer.stop()
})

async function start(modes: { dpop: Mode; mtls: Mode }, routes: readonly Route[]): Promise<readonly App[]> {
  const options = {
    resource: RESOURCE,
    issuer: { issuer: issuer.issuer.url, introspection: { client: CLIENT } },
    ...modes,
  }
  const apps = await startAll(options, routes, serving)
  running.push(...apps)
  return apps
}

function confirmationOf(cnf: Cnf): object | undefined {
  const { jkt } = client.confirmation
  const x5t = { 'x5t#S256': certificate.thumbprint }
  return { none: undefined, jkt: { jkt }, x5t, both: { jkt, ...x5t }, unknown: { kid: 'key-1', jkt } }[cnf]
}

const FORMATS: Readonly<Record<string, (claims: object) => Promise<string>>> = {
  JWT: (claims) => issuer.issuer.sign({ ...claims }),
  opaque: async (claims) => issuer.opaque({ ...claims }),
}

function fail(): never {
  throw new Error('there is no such format')
}

const COMBINATIONS = MODES.flatMap((dpopMode) => MODES.map((mtlsMode) => ({ dpop: dpopMode, mtls: mtlsMode })))

/** The header lines of the request of a row. Each API gets a proof only once. */
async function linesOf({ cnf, scheme }: Row, path: string, format: string): Promise<readonly string[]> {
  const confirmation = confirmationOf(cnf)
  const token = await (FORMATS[format] ?? fail)(confirmation === undefined ? {} : { cnf: confirmation })
  const credential = [`Authorization: ${scheme} ${token}`]
  if (scheme === 'Bearer') return credential
  return [...credential, `DPoP: ${await client.proof({ method: 'GET', url: `${RESOURCE}${path}`, token })}`]
}

// Each adapter gets a third of the rows of each column, and the next column another third; in the exhaustive tier, all.
const THIRDS = amount(3, 1)
let columns = 0

/** Fails unless the response of each API to its rows is the one in the column. */
async function checkColumn(all: readonly App[], path: string, rows: readonly Row[], column: string, format: string) {
  const expectedOf = ({ cnf, scheme, cert }: Row, app: App) => {
    // An API that cannot read the certificate acts as if there were none.
    const isSeen = cert && seesCertificates(app)
    return rows.find((row) => row.cnf === cnf && row.scheme === scheme && row.cert === isSeen)?.expected[column]
  }
  columns++
  for (const [index, row] of rows.entries()) {
    const apps = all.filter((_, at) => (index + at + columns) % 3 < THIRDS)
    const request = { target: path, lines: await linesOf(row, path, format) }
    const { exchange } = row.cert ? withCertificate : without
    const before = apps.map(({ reached }) => reached.length)
    const responses = await Promise.all(apps.map(({ port }) => exchange(port, request)))
    for (const [at, app] of apps.entries()) {
      const outcome = inShort(responses[at] as RawResponse)
      expect(outcome, `${row.name}, ${app.name}`).toBe(expectedOf(row, app))
      expect(app.reached.length - (before[at] as number)).toBe(outcome === 'ok' ? 1 : 0)
    }
  }
}

describe('every confirmation, scheme and connection', () => {
  const byServer = rowsOf(BY_SERVER)
  const byRoute = rowsOf(BY_ROUTE)

  it('occurs in the tables once', () => {
    for (const rows of [byServer, byRoute]) {
      expect(new Set(rows.map(({ name }) => name)).size).toBe(5 * 2 * 2)
      for (const { expected } of rows) {
        expect(Object.keys(expected)).toEqual(COMBINATIONS.map((modes) => `${modes.dpop}/${modes.mtls}`))
      }
    }
  })

  describe.each(COMBINATIONS)('at a server with dpop: $dpop, mtls: $mtls', (modes) => {
    let apps: readonly App[]
    beforeAll(async () => {
      apps = await start(modes, [{ path: '/orders', use: (to) => [to.requireScope('read:orders')] }])
    })

    it.each(Object.keys(FORMATS))('%s', async (format) => {
      await checkColumn(apps, '/orders', byServer, `${modes.dpop}/${modes.mtls}`, format)
    })
  })

  describe('on routes with dpop() and mtls()', () => {
    const pathOf = (modes: { dpop: Mode; mtls: Mode }) => `/${modes.dpop}/${modes.mtls}`
    let apps: readonly App[]
    beforeAll(async () => {
      apps = await start(
        { dpop: 'accept', mtls: 'accept' },
        COMBINATIONS.map((modes) => ({
          path: pathOf(modes),
          use: (to) => [to.protect(scope('read:orders'), dpop(modes.dpop), mtls(modes.mtls))],
        })),
      )
    })

    describe.each(COMBINATIONS)('dpop($dpop), mtls($mtls)', (modes) => {
      it.each(Object.keys(FORMATS))('%s', async (format) => {
        await checkColumn(apps, pathOf(modes), byRoute, `${modes.dpop}/${modes.mtls}`, format)
      })
    })
  })
})
