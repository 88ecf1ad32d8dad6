import { createResourceServer, type IssuerOptions, type IssuerResolver } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  activeResponse,
  CLIENT,
  createIntrospectingIssuer,
  type IntrospectingIssuer,
  opaqueToken,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'

// M2, M3: issuers resolved at run time. JWTs name their issuer; an opaque token does not.

let tenant: IntrospectingIssuer
beforeEach(async () => {
  tenant = await createIntrospectingIssuer()
})
afterEach(() => tenant.stop())

const resolving = (resolve: IssuerResolver['resolve']) =>
  createResourceServer({ resource: RESOURCE, issuer: { allow: [tenant.issuer.url], resolve } })

const introspection = (): NonNullable<IssuerOptions['introspection']> => ({
  endpoint: tenant.endpoint.url,
  client: CLIENT,
  deadline: 5,
})

describe('a resolved issuer', () => {
  it('with keys: null has its JWTs introspected at its endpoint', async () => {
    const server = resolving(() => ({ keys: null, introspection: introspection() }))
    const token = await tenant.issuer.sign()
    tenant.endpoint.responses.set(token, activeResponse({ sub: 'from the endpoint' }))
    expect(await server.verify(token)).toMatchObject({ issuer: tenant.issuer.url, subject: 'from the endpoint' })
    expect((await send(server, token)).status).toBe(200)
    expect(tenant.endpoint.calls()).toBe(1)
  })

  it('with keys and introspection verifies its JWTs locally, and introspects where a route requires it', async () => {
    const server = resolving(() => ({ introspection: introspection() }))
    const token = await tenant.issuer.sign()
    expect((await server.verify(token)).format).toBe('jwt')
    expect(tenant.endpoint.calls()).toBe(0)
    await expect(Promise.resolve(server.verify(token, { maxAge: 5 }))).rejects.toMatchObject({ reason: 'inactive' })
    expect(tenant.endpoint.calls()).toBe(1)
  })

  it('a JWT that fails there is 401, and not introspected', async () => {
    const server = resolving(() => ({ introspection: introspection() }))
    expect((await send(server, await tenant.issuer.sign({ exp: 1 }))).reason).toBe('expired')
    expect(tenant.endpoint.calls()).toBe(0)
  })

  it('an opaque token is 401: it names no issuer', async () => {
    const server = resolving(() => ({ keys: null, introspection: introspection() }))
    expect((await send(server, opaqueToken())).status).toBe(401)
    expect(tenant.endpoint.calls()).toBe(0)
  })

  it('removed from the list, it is rejected at once, despite cached tokens', async () => {
    const allow = new Set([tenant.issuer.url])
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { allow, resolve: () => ({ keys: null, introspection: introspection() }) },
    })
    const token = await tenant.issuer.sign()
    tenant.endpoint.responses.set(token, activeResponse())
    expect((await send(server, token)).status).toBe(200)
    allow.clear()
    expect(await send(server, token)).toMatchObject({ status: 401, reason: 'issuer' })
  })

  it('on a route with introspected(), one without introspection is an outage that says what to set, never an allow', async () => {
    const server = resolving(() => ({}))
    const token = await tenant.issuer.sign()
    const thrown = await Promise.resolve()
      .then(() => server.verify(token, { maxAge: 5 }))
      .catch((error: unknown) => error)
    expect(thrown).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
    expect((thrown as Error).cause).toMatchObject({ message: expect.stringContaining('needs introspection') })
  })
})
