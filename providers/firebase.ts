import { required, shape } from '../src/config/shape.ts'
import type { IssuerOptions } from '../src/issuers/options.ts'
import { matching } from './internal/arguments.ts'

/** Arguments of {@link firebase}. */
export interface FirebaseOptions {
  /** The ID of the Firebase project. */
  readonly projectId: string
}

// 6 to 30 characters; old projects may have a domain in front.
const PROJECT_ID = /^(?:[a-z\d.-]+:)?[a-z][a-z\d-]{4,28}[a-z\d]$/

const checked = shape({
  projectId: required(matching(PROJECT_ID, 'the ID of a project, such as "my-project-1"'), 'the ID of the project'),
})

/**
 * ID tokens of Firebase Authentication and Identity Platform: what Firebase's clients send to an API. They grant no scopes.
 *
 * @throws {ConfigurationError} a wrong argument: `firebase.projectId`
 */
export function firebase(options: FirebaseOptions): IssuerOptions {
  const { projectId } = checked(options, 'firebase')
  return {
    issuer: `https://securetoken.google.com/${projectId}`,
    audience: projectId,
    keys: 'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
  }
}
