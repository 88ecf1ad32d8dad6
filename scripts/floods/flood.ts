import { BearwardError, type GuardLike, type ResourceRequest, type ResourceServer } from 'bearward'

/** A server, one sender of made-up requests, and good callers. */
export interface Scene {
  readonly server: ResourceServer
  /** A made-up request, a new one each time. */
  madeUp(): Presented | Promise<Presented>
  /** A request with a token that was presented before. */
  seen(): Presented | Promise<Presented>
  /** A request with a good token that is presented for the first time. */
  fresh(): Presented | Promise<Presented>
  /** What the made-up requests have caused. */
  caused(): Caused
  /** How many entries of the caches belong to good tokens. */
  goodEntries(): number
}

export interface Caused {
  /** Requests to authorization servers. */
  readonly requests: number
  /** Calls of the application's functions that find issuers. */
  readonly lookups: number
}

/** At most so many for each made-up request, for each second, and once. */
interface Rate {
  readonly perRequest?: number
  readonly perSecond?: number
  readonly once?: number
}

/** A token as a request presents it. */
export interface Presented {
  readonly token: string
  readonly proof?: string
  readonly guards?: readonly GuardLike[]
}

/** One kind of made-up request, and the bounds that a test enforces. */
export interface Flood {
  readonly name: string
  setUp(): Promise<Scene>
  readonly bounds: Bounds
}

/** Counts and ratios; times would depend on the machine. */
export interface Bounds {
  /** The share of good requests that must be served, for tokens that were seen before and for new ones. */
  readonly seen: number
  readonly fresh: number
  readonly requests?: Rate
  readonly lookups?: Rate
  /** Entries of caches that made-up requests may fill. */
  readonly entries: number
}

/** The result of a flood. */
export interface Measured {
  readonly name: string
  readonly seconds: number
  readonly sent: number
  /** How often each outcome occurred, such as `401 signature`. */
  readonly outcomes: Readonly<Record<string, number>>
  /** The share of good requests that were served. */
  readonly seen: number
  readonly fresh: number
  readonly caused: Caused
  readonly entries: number
  /** What is out of bounds. */
  readonly problems: readonly string[]
}

const ROUND = 50
const MADE_UP_PER_ROUND = 10

/** Sends 200 made-up requests a second, and 20 good ones of each kind. */
export async function measure({ name, setUp, bounds }: Flood, seconds: number): Promise<Measured> {
  const scene = await setUp()
  const sent: { readonly kind: 'madeUp' | 'seen' | 'fresh'; readonly outcome: Promise<string> }[] = []
  const sendOne = async (kind: 'madeUp' | 'seen' | 'fresh') => {
    const presented = await scene[kind]()
    sent.push({ kind, outcome: outcomeOf(scene.server, presented) })
  }
  const begin = performance.now()
  for (let round = 0; round < (seconds * 1000) / ROUND; round++) {
    for (let one = 0; one < MADE_UP_PER_ROUND; one++) await sendOne('madeUp')
    await sendOne('seen')
    await sendOne('fresh')
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, begin + (round + 1) * ROUND - performance.now())))
  }
  const of = (kind: string) => Promise.all(sent.filter((one) => one.kind === kind).map(({ outcome }) => outcome))
  const outcomes = tally(await of('madeUp'))
  const [seen, fresh] = [served(await of('seen')), served(await of('fresh'))]
  // Some requests wait, and cause lookups later.
  const lasted = (performance.now() - begin) / 1000
  const caches = Object.values(scene.server.state().caches)
  const entries = Math.max(0, caches.reduce((sum, cache) => sum + cache.entries, 0) - scene.goodEntries())
  const count = sent.filter(({ kind }) => kind === 'madeUp').length
  const measured = { name, seconds: lasted, sent: count, outcomes, seen, fresh, caused: scene.caused(), entries }
  scene.server.close()
  return { ...measured, problems: problemsOf(measured, bounds) }
}

async function outcomeOf(server: ResourceServer, { token, proof, guards = [] }: Presented): Promise<string> {
  try {
    await server.authenticate(requestWith(token, proof), guards)
    return '200'
  } catch (thrown) {
    if (!(thrown instanceof BearwardError)) throw thrown
    return `${thrown.status} ${thrown.reason}`
  }
}

const requestWith = (token: string, proof: string | undefined): ResourceRequest => ({
  native: {},
  method: 'GET',
  target: '/orders',
  authorization: [`${proof === undefined ? 'Bearer' : 'DPoP'} ${token}`],
  contentType: undefined,
  headers: (name) => (name.toLowerCase() === 'dpop' && proof !== undefined ? [proof] : []),
})

function tally(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

const served = (outcomes: readonly string[]): number =>
  outcomes.filter((outcome) => outcome === '200').length / outcomes.length

function problemsOf(measured: Omit<Measured, 'problems'>, bounds: Bounds): readonly string[] {
  const { name, outcomes, seen, fresh, caused, entries, sent, seconds } = measured
  const most = ({ perRequest = 0, perSecond = 0, once = 0 }: Rate = {}) =>
    Math.floor(perRequest * sent + perSecond * seconds + once)
  const beyond = (['requests', 'lookups'] as const).filter((what) => caused[what] > most(bounds[what]))
  return [
    ...('200' in outcomes ? [`${name}: made-up requests were accepted`] : []),
    ...(seen < bounds.seen ? [`${name}: of the tokens seen before, ${percent(seen)} were served`] : []),
    ...(fresh < bounds.fresh ? [`${name}: of the new tokens, ${percent(fresh)} were served`] : []),
    ...beyond.map((what) => `${name}: ${caused[what]} ${what}, more than ${most(bounds[what])}`),
    ...(entries > bounds.entries ? [`${name}: ${entries} cache entries, more than ${bounds.entries}`] : []),
  ]
}

export const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`
