import { resourceServer } from 'bearward/fetch'

// `next build` loads this module as well: set both for it, to any URL. The server reads them again when it starts.
const { ISSUER: issuer, RESOURCE: resource } = process.env
if (!issuer || !resource) throw new Error('Set ISSUER and RESOURCE, for the build as well.')

// In a module of its own: one resource server for all routes, so that its keys are fetched once.
export const { requireScope, accessToken, metadata } = resourceServer({ resource, issuer, scopes: ['read:orders'] })

/** The document that challenges point to (RFC 9728), for the route of app/.well-known. */
export const serveMetadata = metadata()
