import { BearwardError, createResourceServer, type ResourceRequest } from 'bearward'
import { expect, it } from 'vitest'

// The example of RFC 9449 §7.1 (figures 13 to 15), with the clock set to its date.

const TOKEN = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
/** The thumbprint of the key in the proof; the `cnf` of §6.1 (figure 10). */
const THUMBPRINT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
const PROOF =
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFV' +
  'ZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl' +
  '9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2M' +
  'jI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1' +
  'plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA'
const CREATED_AT = 1_562_262_618

function serverAt(now: number, jkt = THUMBPRINT) {
  const introspection = { active: true, sub: 'someone', aud: 'https://resource.example.org', cnf: { jkt } }
  const server = createResourceServer({
    resource: 'https://resource.example.org',
    issuer: { issuer: 'https://server.example.com', keys: null, introspect: () => introspection },
    dpop: 'require',
    clock: () => now,
  })
  return async (more: Partial<ResourceRequest> = {}): Promise<string | undefined> => {
    const request: ResourceRequest = {
      native: {},
      method: 'GET',
      target: '/protectedresource',
      authorization: [`DPoP ${TOKEN}`],
      contentType: undefined,
      headers: (name) => (name === 'dpop' ? [PROOF] : []),
      ...more,
    }
    try {
      return (await server.authenticate(request)).boundBy
    } catch (thrown) {
      if (thrown instanceof BearwardError) return thrown.reason
      throw thrown
    }
  }
}

it('accepts the example, once (RFC 9449 §7.1)', async () => {
  const send = serverAt(CREATED_AT + 2)
  expect(await send()).toBe('dpop')
  expect(await send()).toBe('proof_replayed')
})

it('refuses it on another day, for another request, with another token and for another key', async () => {
  expect(await serverAt(CREATED_AT + 86_400)()).toBe('proof_time')
  expect(await serverAt(CREATED_AT - 86_400)()).toBe('proof_time')
  const send = serverAt(CREATED_AT)
  expect(await send({ method: 'POST' })).toBe('proof_method')
  expect(await send({ target: '/other' })).toBe('proof_target')
  expect(await send({ authorization: [`DPoP ${TOKEN}X`] })).toBe('proof_token')
  expect(await send({ authorization: [`Bearer ${TOKEN}`] })).toBe('confirmation')
  // The thumbprint of RFC 7638 §3.1.
  expect(await serverAt(CREATED_AT, 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')()).toBe('confirmation')
})
