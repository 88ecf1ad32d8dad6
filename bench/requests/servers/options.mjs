/** @typedef {import('../server.mjs').Settings} Settings */

/** What our own guard is told. @param {Settings} settings */
export const forJwts = ({ issuer, audience }) => ({ resource: audience, issuer })

/** The same where tokens say nothing and the issuer is asked about them. @param {Settings} settings */
export const forOpaqueTokens = ({ issuer, audience }) => ({
  resource: audience,
  issuer: { issuer, introspection: { client: { method: 'bearer', token: 'secret' } } },
})
