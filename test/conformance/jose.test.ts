import { compactVerify, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import type { SignatureEngine } from '../../src/jws/engine.ts'
import { createNodeEngine } from '../../src/jws/node-engine.ts'
import { webEngine } from '../../src/jws/web-engine.ts'
import { EXAMPLES, type JoseExample } from './jose-examples.ts'

const engines = [createNodeEngine(webEngine) as SignatureEngine, webEngine]

async function results({ key, algorithm }: JoseExample, compact: string): Promise<readonly boolean[]> {
  const signatureAt = compact.lastIndexOf('.') + 1
  const signature = Buffer.from(compact.slice(signatureAt), 'base64url')
  return Promise.all(
    engines.map(async (engine) =>
      (await engine.importKey(key, algorithm))({ algorithm, compact, signatureAt, signature }),
    ),
  )
}

describe.each(EXAMPLES)('the example of $from ($algorithm)', (example) => {
  const { compact, key, algorithm } = example
  const dot = compact.lastIndexOf('.')

  it('is copied correctly: a third implementation agrees', async () => {
    await expect(compactVerify(compact, await importJWK({ ...key }, algorithm))).resolves.toBeDefined()
  })

  it('verifies in both engines', async () => {
    expect(await results(example, compact)).toEqual([true, true])
  })

  it('does not verify with another signature', async () => {
    const first = compact[dot + 1] === 'A' ? 'B' : 'A'
    expect(await results(example, compact.slice(0, dot + 1) + first + compact.slice(dot + 2))).toEqual([false, false])
  })

  it('does not verify over another payload', async () => {
    const last = compact[dot - 5] === 'A' ? 'B' : 'A'
    expect(await results(example, compact.slice(0, dot - 5) + last + compact.slice(dot - 4))).toEqual([false, false])
  })
})

it('there are examples for each kind of key', () => {
  expect(new Set(EXAMPLES.map(({ algorithm }) => algorithm.slice(0, 2)))).toEqual(new Set(['RS', 'PS', 'ES', 'Ed']))
})
