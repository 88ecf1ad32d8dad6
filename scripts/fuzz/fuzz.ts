import { cpuUsage } from 'node:process'
import fc from 'fast-check'
import type { Target } from './target.ts'

/** What was sent of one kind. */
export interface Sent {
  readonly name: string
  inputs: number
  accepted: number
  /** Time for all of them, with generating them. */
  milliseconds: number
  /** Milliseconds of CPU time for the slowest input, and its length as JSON. */
  slowest: { milliseconds: number; length: number }
}

export interface Found {
  readonly target: string
  readonly seed: number
  readonly path: string
  /** The smallest input, and what was thrown. */
  readonly report: string
}

export const emptySent = (name: string): Sent => ({
  name,
  inputs: 0,
  accepted: 0,
  milliseconds: 0,
  slowest: { milliseconds: 0, length: 0 },
})

/** Sends inputs of one kind. What fails is made as small as possible. */
export async function fuzz(
  target: Target,
  sent: Sent,
  options: { readonly numRuns: number; readonly seed: number; readonly path?: string },
): Promise<Found | undefined> {
  const property = fc.asyncProperty(target.input, async (input) => {
    const before = cpuUsage()
    const outcome = await target.send(input)
    const { user, system } = cpuUsage(before)
    const milliseconds = (user + system) / 1000
    sent.inputs++
    if (outcome === 'accepted') sent.accepted++
    if (milliseconds > sent.slowest.milliseconds) {
      sent.slowest = { milliseconds, length: JSON.stringify(input).length }
    }
  })
  const start = performance.now()
  const details = await fc.check(property, options)
  sent.milliseconds += performance.now() - start
  if (!details.failed) return undefined
  const report = `${fc.defaultReportMessage(details)}\n\n${described(details.errorInstance)}`
  return { target: target.name, seed: details.seed, path: details.counterexamplePath ?? '', report }
}

/** The message, and that of the cause. */
function described(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  return thrown.cause === undefined ? thrown.message : `${thrown.message}: ${String(thrown.cause)}`
}
