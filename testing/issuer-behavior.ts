import { type Part, type Parts, partsOf } from './parts.ts'
import { type WrongResponse, wrongResponse } from './wrong-responses.ts'

/** An own answer to a request; what it throws is a connection that broke. */
export type IssuerResponse = (request: Request) => Response | Promise<Response>

/** How the issuer is doing, one part at a time; all at once by default. */
export interface IssuerBehavior {
  /** Refuses connections from now on. */
  goDown(parts?: Parts): void
  /** Takes this long for each answer from now on; `'never'` keeps the caller waiting without end. */
  respondSlowly(milliseconds: number | 'never', parts?: Parts): void
  /** Answers wrongly from now on: in a way that has a name, or as a function says. */
  respondWith(answer: WrongResponse | IssuerResponse, parts?: Parts): void
  /** Keeps answers back from now on, until they are let go. */
  holdResponses(parts?: Parts): HeldResponses
  /** Answers as it should again. */
  recover(parts?: Parts): void
}

/** Answers that are kept back, until a test lets them go. */
export interface HeldResponses {
  /** How many wait at the moment. */
  waiting(): number
  /** Lets the one that has waited longest go. */
  releaseOne(): void
  /** Answers all that wait and those that come later. */
  release(): void
}

type Mood = (request: Request, rightResponse: () => Promise<Response>) => Response | Promise<Response>

const well: Mood = (_request, rightResponse) => rightResponse()

const down: Mood = () => {
  throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED: the test issuer is down') })
}

interface Moods extends IssuerBehavior {
  /** The answer to a request, as things are. */
  answer(part: Part, request: Request, rightResponse: () => Promise<Response>): Promise<Response>
}

/** @param issuer of whom wrong answers pretend to be */
export function createIssuerBehavior(issuer: () => string): Moods {
  const moods = new Map<Part, Mood>()
  const put = (parts: Parts, mood: Mood) => {
    for (const part of partsOf(parts)) moods.set(part, mood)
  }
  return {
    goDown: (parts = 'everything') => put(parts, down),
    respondSlowly: (milliseconds, parts = 'everything') =>
      put(parts, async (_request, rightResponse) => {
        await pause(milliseconds)
        return rightResponse()
      }),
    respondWith(answer, parts = 'everything') {
      for (const part of partsOf(parts)) {
        moods.set(part, typeof answer === 'function' ? answer : wrongResponse(answer, part, issuer()))
      }
    },
    holdResponses(parts = 'everything') {
      const before = new Map(moods)
      const waiting: (() => void)[] = []
      put(parts, async (_request, rightResponse) => {
        await new Promise<void>((go) => waiting.push(go))
        return rightResponse()
      })
      return {
        waiting: () => waiting.length,
        releaseOne: () => waiting.shift()?.(),
        release() {
          for (const part of partsOf(parts)) moods.set(part, before.get(part) ?? well)
          for (const go of waiting.splice(0)) go()
        },
      }
    },
    recover: (parts = 'everything') => put(parts, well),
    answer: async (part, request, rightResponse) => (moods.get(part) ?? well)(request, rightResponse),
  }
}

const pause = (milliseconds: number | 'never'): Promise<void> =>
  new Promise((done) => {
    if (milliseconds !== 'never') setTimeout(done, milliseconds)
  })
