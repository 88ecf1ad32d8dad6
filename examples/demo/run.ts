import { setTimeout as sleep } from 'node:timers/promises'
import { deviations } from './expected.ts'
import type { OrdersApi } from './orders.ts'
import type { Row } from './requests.ts'
import { type ApiAnswer, send } from './send.ts'
import type { Stage } from './stage.ts'

/** How one framework answered. */
export interface Observation {
  readonly framework: OrdersApi['framework']
  readonly answer: ApiAnswer
  readonly deviations: readonly string[]
}

/** How all of them did. */
export interface Outcome {
  readonly row: Row
  readonly observations: readonly Observation[]
  readonly asExpected: boolean
}

/** Sends the request of a row to all APIs, again and again while the row has time and the answers are not as expected. */
export async function run(row: Row, stage: Stage): Promise<Outcome> {
  const request = await row.request(stage)
  const deadline = performance.now() + (row.withTimeout ?? 0) * 1000
  for (;;) {
    const answers = await Promise.all(
      stage.apis.map(async ({ framework, url }) => ({ framework, answer: await send(url, request) })),
    )
    const outcome = judge(row, answers)
    if (outcome.asExpected || performance.now() >= deadline) return outcome
    await sleep(100, undefined, { signal: stage.signal })
  }
}

function judge(row: Row, answers: readonly Pick<Observation, 'framework' | 'answer'>[]): Outcome {
  const [first] = answers
  const observations = answers.map(({ framework, answer }) => {
    // Each may be right by itself; that they agree to the letter is part of what is promised.
    const unlike = String(answer.challenges) !== String(first?.answer.challenges)
    const others = unlike ? [`not the challenge of ${first?.framework}`] : []
    return { framework, answer, deviations: [...deviations(row.expected, answer), ...others] }
  })
  return { row, observations, asExpected: observations.every((one) => one.deviations.length === 0) }
}
