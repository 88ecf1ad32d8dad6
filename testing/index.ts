export { type Challenge, parseChallenges } from '../src/http/parse-challenges.ts'
export type { AnyResponse } from './any-response.ts'
export { BAD_TOKENS, type BadToken } from './bad-tokens.ts'
export { type ClientCertificate, createClientCertificate } from './client-certificate.ts'
export { createTestClock, type TestClock } from './clock.ts'
export {
  BAD_PROOFS,
  type BadProof,
  createDpopClient,
  type DpopClient,
  type DpopClientOptions,
  type ProofRequest,
} from './dpop-client.ts'
export { type ExpectedChallenge, expectChallenge, expectUnavailable } from './expect-challenge.ts'
export { fetchOf } from './fetch-of.ts'
export type { IntrospectionClient } from './introspection.ts'
export { createTestIssuer, type TestIssuer, type TestIssuerOptions } from './issuer.ts'
export type { HeldResponses, IssuerBehavior, IssuerResponse } from './issuer-behavior.ts'
export type { IssuerRequests, RecordedRequest } from './issuer-requests.ts'
export type { NodeListener, NodeRequest, NodeResponse, NodeServer } from './node-listener.ts'
export type { Part, Parts } from './parts.ts'
export { type AllProtectedOptions, expectAllProtected, type RouteSecurity, routeSecurity } from './route-security.ts'
export { createSigningKey, type SigningKey } from './signing-key.ts'
export {
  type AdapterCase,
  type AdapterRoute,
  type AdapterTestOptions,
  type RunningAdapter,
  testAdapter,
} from './test-adapter.ts'
export { type WrongResponse, wrongResponsesFor } from './wrong-responses.ts'
