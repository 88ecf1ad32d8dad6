import { type Part, type Parts, partsOf } from './parts.ts'
import { type WrongResponse, wrongResponse } from './wrong-responses.ts'

/** Responds to a request. If it throws, the connection breaks. */
export type IssuerResponse = (request: Request) => Response | Promise<Response>

/** Changes how the issuer responds, for all of its endpoints or for some. */
export interface IssuerBehavior {
  /** Refuses connections. */
  goDown(parts?: Parts): void
  /** Delays each response; `'never'` never responds. */
  respondSlowly(milliseconds: number | 'never', parts?: Parts): void
  /** Sends a predefined wrong response, or the response of a function. */
  respondWith(response: WrongResponse | IssuerResponse, parts?: Parts): void
  /** Holds responses back until the test releases them. */
  holdResponses(parts?: Parts): HeldResponses
  /** Responds correctly again. */
  recover(parts?: Parts): void
}

/** Responses held back by `holdResponses()`. */
export interface HeldResponses {
  /** The number of requests that are waiting. */
  waiting(): number
  /** Responds to the oldest request. */
  releaseOne(): void
  /** Responds to all waiting requests, and restores the previous behavior. */
  release(): void
}

type Responder = (request: Request, rightResponse: () => Promise<Response>) => Response | Promise<Response>

const respondCorrectly: Responder = (_request, rightResponse) => rightResponse()

const refuseConnections: Responder = () => {
  throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED: the test issuer is down') })
}

interface RespondingBehavior extends IssuerBehavior {
  /** Responds by the current behavior. */
  respond(part: Part, request: Request, rightResponse: () => Promise<Response>): Promise<Response>
}

/** @param issuer the identifier that wrong responses are built from */
export function createIssuerBehavior(issuer: () => string): RespondingBehavior {
  const responders = new Map<Part, Responder>()
  const setResponder = (parts: Parts, responder: Responder) => {
    for (const part of partsOf(parts)) responders.set(part, responder)
  }
  return {
    goDown: (parts = 'everything') => setResponder(parts, refuseConnections),
    respondSlowly: (milliseconds, parts = 'everything') =>
      setResponder(parts, async (_request, rightResponse) => {
        await pause(milliseconds)
        return rightResponse()
      }),
    respondWith(response, parts = 'everything') {
      for (const part of partsOf(parts)) {
        responders.set(part, typeof response === 'function' ? response : wrongResponse(response, part, issuer()))
      }
    },
    holdResponses(parts = 'everything') {
      const before = new Map(responders)
      const waiting: (() => void)[] = []
      setResponder(parts, async (_request, rightResponse) => {
        await new Promise<void>((go) => waiting.push(go))
        return rightResponse()
      })
      return {
        waiting: () => waiting.length,
        releaseOne: () => waiting.shift()?.(),
        release() {
          for (const part of partsOf(parts)) responders.set(part, before.get(part) ?? respondCorrectly)
          for (const go of waiting.splice(0)) go()
        },
      }
    },
    recover: (parts = 'everything') => setResponder(parts, respondCorrectly),
    respond: async (part, request, rightResponse) => (responders.get(part) ?? respondCorrectly)(request, rightResponse),
  }
}

const pause = (milliseconds: number | 'never'): Promise<void> =>
  new Promise((done) => {
    if (milliseconds !== 'never') setTimeout(done, milliseconds)
  })
