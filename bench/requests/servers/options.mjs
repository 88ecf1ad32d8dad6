/** @typedef {import('../server.mjs').Settings} Settings */

/** Seconds for which an answer about an opaque token serves. */
export const VERDICT_LIFETIME = 3600

/**
 * What our own guard is told: JWTs are verified here, and the issuer is asked about all other tokens. Longer than a run
 * takes, an answer serves, so that no question falls among requests that are to find their answer known.
 *
 * @param {Settings} settings
 */
export const ownOptions = ({ issuer, audience }) => ({
  resource: audience,
  issuer: {
    issuer,
    introspection: { client: { method: 'bearer', token: 'secret' }, cache: { active: VERDICT_LIFETIME } },
  },
})
