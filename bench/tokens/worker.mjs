import { cpuTime, serve } from '../lib/child.mjs'
import { collectYoung } from '../lib/collect.mjs'
import { profiled } from './profile.mjs'

/** @type {import('./contestants.mjs').Verifier} */
let verifier

serve({
  async setUp({ file, settings }) {
    const { create } = await import(`./verifiers/${file}`)
    verifier = await create(settings)
  },

  /** Which of the bad tokens get through although they should not; the good one must. */
  async check({ good, bad }) {
    const { verify, prepare = sameToken, checks } = verifier
    await verify(prepare(good))
    const wrong = []
    for (const [fault, token] of Object.entries(bad)) {
      if (checks && !checks.includes(/** @type {import('../lib/bad-tokens.mjs').Fault} */ (fault))) continue
      const accepted = await attempt(() => verify(prepare(token)))
      if (accepted) wrong.push(fault)
    }
    return wrong
  },

  /** CPU time per token in microseconds, and how many tokens were good. */
  async measure({ tokens, calls }) {
    const { verify, prepare = sameToken } = verifier
    // A new string for each call, as each request has one: V8 caches nothing on the string itself.
    const inputs = Array.from({ length: calls }, (_, at) => prepare(copyOf(tokens[at % tokens.length])))
    collectYoung()
    let accepted = 0
    const before = cpuTime()
    for (const input of inputs) {
      try {
        const result = verify(input)
        if (result instanceof Promise) await result
        accepted++
      } catch {}
    }
    return { time: (cpuTime() - before) / calls, accepted }
  },

  /** The shares of the time for these tokens, by part. */
  async profile({ tokens }) {
    const inputs = tokens.map(copyOf)
    collectYoung()
    return profiled(() => {
      for (const input of inputs) verifier.verify(input)
    })
  },
})

/** @param {string} token */
const sameToken = (token) => token

/** @param {string} token */
const copyOf = (token) => Buffer.from(token, 'latin1').toString('latin1')

/** @param {() => unknown} action */
async function attempt(action) {
  try {
    await action()
    return true
  } catch {
    return false
  }
}
