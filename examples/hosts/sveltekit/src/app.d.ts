import type { IncomingMessage } from 'node:http'
import type { AccessToken } from 'bearward'

declare global {
  namespace App {
    interface Locals {
      /** The token of a request to a route that is not open. */
      token: AccessToken
    }
    interface Platform {
      /** Of the adapter for Node.js. */
      readonly req?: IncomingMessage
    }
  }
}
