import type { Reason } from 'bearward'
import { type DpopClient, type ProofRequest, parseChallenges } from 'bearward/testing'
import { expect } from 'vitest'
import { createKit, NOW } from '../corpus/kit.ts'
import type { App } from '../support/apps/app.ts'
import { expectReached, PLACE, responseOfAll, SENTENCES } from '../support/apps/expect-response.ts'
import type { RawRequest, RawResponse } from '../support/http/raw-client.ts'

export const kit = createKit()
export const ORDERS = 'https://api.example.com/orders'
export const ALGS = 'ES256 EdDSA Ed25519 RS256 RS384 RS512 PS256 PS384 PS512'

/** A JWT that is bound to the key of a client (RFC 9449 §6.1). */
export const boundTo = (client: DpopClient, claims: object = {}): string =>
  kit.token({ claims: kit.claims({ cnf: client.confirmation, ...claims }) })

export const clockOf = () => NOW

/** The header lines of a request with a token and a proof. */
export const dpop = (token: string, ...proofs: readonly string[]): readonly string[] => [
  `Authorization: DPoP ${token}`,
  ...proofs.map((proof) => `DPoP: ${proof}`),
]

/** A request with a good proof, unless the claims of the proof say otherwise. */
export async function proven(
  client: DpopClient,
  token: string,
  request: RawRequest & Partial<ProofRequest> = {},
  claims: Readonly<Record<string, unknown>> = {},
): Promise<RawRequest> {
  const { method = 'GET', url = ORDERS, lines = [], ...others } = request
  const proof = await client.proof({ method, url, token, ...others }, claims)
  return { method, ...others, lines: [...dpop(token, proof), ...lines] }
}

export interface Refused {
  readonly error: 'invalid_dpop_proof' | 'use_dpop_nonce' | 'invalid_token'
  readonly reason: Reason
}

/** Fails unless every API refuses a request with a proof, with one DPoP challenge (RFC 9449 §7.1). */
export async function expectDpopRefusal(
  apps: readonly App[],
  request: RawRequest,
  { error, reason }: Refused,
): Promise<RawResponse> {
  const before = apps.map((app) => app.reached.length)
  const response = await responseOfAll(apps, request)
  const challenges = response.all('WWW-Authenticate').flatMap((line) => parseChallenges(line))
  expect({ status: response.status, challenges, type: response.all('Content-Type') }, reason).toMatchObject({
    status: 401,
    challenges: [
      {
        scheme: 'DPoP',
        parameters: {
          realm: PLACE.realm,
          error,
          error_description: SENTENCES[reason],
          scope: 'read:orders',
          algs: ALGS,
          resource_metadata: PLACE.metadata,
        },
      },
    ],
    type: ['application/json'],
  })
  expect(challenges).toHaveLength(1)
  const body = request.method === 'HEAD' ? '' : JSON.stringify({ error, error_description: SENTENCES[reason], reason })
  expect(response.body).toBe(body)
  expect(response.all('Cache-Control')).toEqual(['no-store'])
  expect(
    apps.map((app) => app.reached.length),
    'no handler runs',
  ).toEqual(before)
  return response
}

export const refusesProof = (apps: readonly App[], request: RawRequest, reason: Reason) =>
  expectDpopRefusal(apps, request, { error: 'invalid_dpop_proof', reason })

export async function accepts(apps: readonly App[], request: RawRequest): Promise<void> {
  expect((await expectReached(apps, request)).boundBy).toBe('dpop')
}
