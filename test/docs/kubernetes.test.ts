import { once } from 'node:events'
import { Agent, request as send } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Program } from '../examples/program.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { until } from '../support/upstream/requests.ts'
import { type Authority, type Internet, startInternet } from './internet.ts'
import { isProgram, readPage } from './pages.ts'
import { runProgram } from './run.ts'

// The programs of docs/kubernetes.md, as a scheduler treats them (K9, K10).

const KEYS = 'https://auth.example.com/jwks'
const programs = readPage('docs/kubernetes.md').blocks.filter(isProgram)

let internet: Internet
let issuer: Authority
let program: Program | undefined
let agent: Agent
/** Delays the key set until it is called. */
let release: () => void
beforeEach(async () => {
  internet = await startInternet()
  issuer = await internet.authority({ issuer: 'https://auth.example.com' })
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  internet.delay(KEYS, held)
  agent = new Agent({ keepAlive: true })
})
afterEach(async () => {
  release()
  agent.destroy()
  await program?.stop()
  await internet.stop()
})

function get(path: string, token?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    send(`${program?.url}${path}`, { agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
      .on('error', reject)
      .end()
  })
}

/** Repeats a request until its outcome is as expected: a status, or that it is refused at the port. */
async function becomes(path: string, expected: number | 'refused'): Promise<void> {
  const ask = () => fetch(`${program?.url}${path}`, { headers: { connection: 'close' } })
  let outcome: unknown
  for (let round = 0; outcome !== expected && round < 1000; round++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    outcome = await ask().then(
      ({ status }) => status,
      () => 'refused',
    )
  }
  expect(outcome).toBe(expected)
}

function readerToken(): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer.issuer, aud: RESOURCE, sub: 'alice', iat: now, exp: now + 300 }
  return issuer.sign({ ...claims, scope: 'read:orders' })
}

it('docs/kubernetes.md has a program for Express, Fastify and Hono', () => {
  expect(programs).toHaveLength(3)
})

describe.each(programs)('the program at $at', (block) => {
  beforeEach(async () => {
    program = await runProgram(block, internet)
  })

  it('is ready once its keys are loaded, and stays ready when the issuer is down (K9)', async () => {
    expect(await get('/ready')).toBe(503)
    await until(() => internet.requests.includes(KEYS), 'the fetch')
    expect(await get('/ready')).toBe(503)
    expect(internet.requests.filter((url) => url === KEYS)).toHaveLength(1)
    release()
    await becomes('/ready', 200)
    internet.on(KEYS, () => ({ status: 503, json: {} }))
    expect(await get('/ready')).toBe(200)
    expect(await get('/orders', await readerToken())).toBe(200)
  })

  it('completes a request that waits for keys when it is told to stop, and exits (K10)', async () => {
    const pending = get('/orders', await readerToken())
    await until(() => internet.requests.includes(KEYS), 'the fetch')
    const stopped = program?.stop()
    await becomes('/orders', 'refused')
    release()
    expect(await pending).toBe(200)
    expect((await stopped)?.code).toBe(0)
  })
})

it('they exit although a client connected in advance and never sent a request (K10)', { timeout: 90_000 }, async () => {
  const exits = programs.map(async (block) => {
    const one = await runProgram(block, internet)
    const client = connect(Number(new URL(one.url).port), 'localhost').on('error', () => undefined) // it may be reset
    await once(client, 'connect')
    const { code } = await one.stop()
    client.destroy()
    return code
  })
  expect(await Promise.all(exits)).toEqual([0, 0, 0])
})
