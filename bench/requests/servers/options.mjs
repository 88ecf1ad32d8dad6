/** @typedef {import('../server.mjs').Settings} Settings */

/** Seconds that an introspection response is cached. */
export const CACHE_LIFETIME = 3600

/**
 * The options of our own guard: JWTs are verified locally, other tokens introspected. The responses are cached for longer
 * than a run, so that no measured request introspects.
 *
 * @param {Settings} settings
 */
export const ownOptions = ({ issuer, audience }) => ({
  resource: audience,
  issuer: {
    issuer,
    introspection: { client: { method: 'bearer', token: 'secret' }, cache: { active: CACHE_LIFETIME } },
  },
})
