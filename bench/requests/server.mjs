import { cpuTime, serve } from '../lib/child.mjs'

/**
 * The settings of a server.
 *
 * @typedef {object} Settings
 * @property {string} issuer
 * @property {string} audience
 * @property {string} algorithm
 * @property {string} scope that the route needs
 * @property {string} jwksUrl
 * @property {string} introspectionUrl
 * @property {string} [badToken] one with a wrong signature
 * @property {string} subject the subject of the tokens, which a route without a guard also responds with
 */

serve({
  /** Starts the server on a free port of loopback. */
  async start({ framework, guard, settings }) {
    const [name, platform] = framework.toLowerCase().split(' on ')
    const { listen } = await import(`./servers/${name}.mjs`)
    return listen(guard, settings, platform)
  },
  /** The same for the server on which each part of a guard has a route. */
  async startParts({ framework, settings }) {
    const { listen } = await import(`./parts/servers/${framework.toLowerCase()}.mjs`)
    return listen(settings)
  },
  cpuTime,
})
