import { setTimeout as sleep } from 'node:timers/promises'
import { deviations } from './expected.ts'
import type { OrdersApi } from './orders.ts'
import type { Row } from './requests.ts'
import { type ApiResponse, send } from './send.ts'
import type { Stage } from './stage.ts'

/** The response of one framework. */
export interface Observation {
  readonly framework: OrdersApi['framework']
  readonly response: ApiResponse
  readonly deviations: readonly string[]
}

/** The responses of all frameworks. */
export interface Outcome {
  readonly row: Row
  readonly observations: readonly Observation[]
  readonly asExpected: boolean
}

/** Sends the request of a row to all APIs, and retries within the row's time until the responses are as expected. */
export async function run(row: Row, stage: Stage): Promise<Outcome> {
  const request = await row.request(stage)
  const deadline = performance.now() + (row.withTimeout ?? 0) * 1000
  for (;;) {
    const responses = await Promise.all(
      stage.apis.map(async ({ framework, url }) => ({ framework, response: await send(url, request) })),
    )
    const outcome = evaluate(row, responses)
    if (outcome.asExpected || performance.now() >= deadline) return outcome
    await sleep(100, undefined, { signal: stage.signal })
  }
}

function evaluate(row: Row, responses: readonly Pick<Observation, 'framework' | 'response'>[]): Outcome {
  const [first] = responses
  const observations = responses.map(({ framework, response }) => {
    // All frameworks must send exactly the same challenge.
    const differs = String(response.challenges) !== String(first?.response.challenges)
    const others = differs ? [`not the challenge of ${first?.framework}`] : []
    return { framework, response, deviations: [...deviations(row.expected, response), ...others] }
  })
  return { row, observations, asExpected: observations.every((one) => one.deviations.length === 0) }
}
