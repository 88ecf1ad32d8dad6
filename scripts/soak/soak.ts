import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Api, startApi } from './api.ts'
import { revokeAtIssuer, sendOne, type Tally, type World } from './load.ts'

export interface SoakOptions {
  /** At least as long as everything takes once. */
  readonly seconds: number
  /** Requests a second, while the machine keeps up. */
  readonly rate: number
  /** Called for each thing that happens. */
  readonly onChapter?: (name: string) => void
}

export interface SoakResult extends Tally {
  readonly seconds: number
  readonly chapters: Readonly<Record<string, number>>
  readonly unhandled: readonly string[]
  /** MiB of the heap after a collection, at equal intervals. */
  readonly heap: readonly number[]
  /** Open handles and requests of the process: at the first interval, and at the end. */
  readonly handles: readonly [number, number]
  /** Whether the store was a Redis that is killed and restarted. */
  readonly store: boolean
}

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Longer than a key set is fresh here, and than the longest pause of the circuit breaker. */
const SETTLED = 3000

/** What happens, one after the other. Each says in `world` what it makes of responses. */
const CHAPTERS: Readonly<Record<string, (api: Api, world: World, tally: Tally) => Promise<unknown>>> = {
  'key rotation': async ({ issuer }, world) => {
    const next = await issuer.rotate({ keepOld: true })
    await wait(SETTLED)
    world.key = next
    issuer.keys = issuer.keys.filter((key) => key === next)
    await wait(SETTLED)
  },
  'outage of the keys': async ({ issuer }, world) => {
    world.keysDown = true
    issuer.goDown('keys')
    await wait(SETTLED)
    issuer.recover('keys')
    await wait(SETTLED)
    world.keysDown = false
  },
  'outage of introspection': async ({ issuer }, world) => {
    world.introspectionDown = true
    issuer.goDown('introspection')
    await wait(SETTLED)
    issuer.recover('introspection')
    await wait(SETTLED)
    world.introspectionDown = false
  },
  'restart of the store': async ({ store }) => store?.restart(500),
  'flood of unknown keys': async (api, world) => {
    for (let count = 0; count < 500; count++) {
      const token = await api.issuer.jwt({}, { kid: `flood-${count}` }, world.key)
      await api.server.verify(token).catch(() => undefined)
    }
  },
  'revocation at the issuer': (api, _, tally) => revokeAtIssuer(api, tally),
}

export async function soak({ seconds, rate, onChapter }: SoakOptions): Promise<SoakResult> {
  const unhandled: string[] = []
  const note = (thrown: unknown) => void unhandled.push(String(thrown))
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  const api = await startApi()
  const world: World = {
    introspectionDown: false,
    keysDown: false,
    revokedIds: new Set(),
    key: api.issuer.keys[0] as World['key'],
  }
  const tally: Tally = { requests: 0, disconnected: 0, statuses: {}, wrong: [], falseAccepts: [] }
  const chapters: Record<string, number> = {}
  const heap: number[] = []
  const handles: number[] = []
  const end = performance.now() + seconds * 1000
  // At least once through everything, however slow the machine is.
  const goesOn = () => performance.now() < end || Object.keys(chapters).length < Object.keys(CHAPTERS).length

  async function load(): Promise<void> {
    const pending = new Set<Promise<void>>()
    const start = performance.now()
    for (let number = 0; goesOn(); number++) {
      const one = sendOne(api, world, number, tally).catch((thrown) => void tally.wrong.push(String(thrown)))
      pending.add(one)
      one.finally(() => pending.delete(one))
      if (pending.size >= 50) await Promise.race(pending)
      await wait(Math.max(0, start + (number * 1000) / rate - performance.now()))
    }
    await Promise.all(pending)
  }

  async function events(): Promise<void> {
    const names = Object.keys(CHAPTERS)
    for (let chapter = 0; goesOn(); chapter++) {
      const name = names[chapter % names.length] as string
      onChapter?.(name)
      await CHAPTERS[name]?.(api, world, tally)
      chapters[name] = (chapters[name] ?? 0) + 1
      await wait(200)
    }
  }

  async function measure(): Promise<void> {
    const interval = Math.max(5000, (seconds * 1000) / 12) // a collection takes time as well
    while (goesOn()) {
      await wait(interval)
      api.issuer.requests.reset() // the test kit records them all
      heap.push(heapMiB())
      handles.push(process.getActiveResourcesInfo().length)
    }
  }

  try {
    await Promise.all([load(), events(), measure()])
  } finally {
    await api.close()
    process.off('unhandledRejection', note)
    process.off('uncaughtException', note)
  }
  return {
    ...tally,
    seconds,
    chapters,
    unhandled,
    heap,
    handles: [handles[0] ?? 0, handles.at(-1) ?? 0],
    store: api.store !== undefined,
  }
}

function heapMiB(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('globalThis.gc') as (() => void) | undefined
  collect?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

/** MiB an hour, by least squares, without the first third, in which caches fill. */
export function heapSlope({ heap, seconds }: Pick<SoakResult, 'heap' | 'seconds'>): number {
  const from = Math.floor(heap.length / 3)
  const points = heap.slice(from).map((value, index) => [index, value] as const)
  const [meanX, meanY] = [0, 1].map(
    (axis) => points.reduce((sum, point) => sum + (point[axis] ?? 0), 0) / points.length,
  )
  const covariance = points.reduce((sum, [x, y]) => sum + (x - (meanX ?? 0)) * (y - (meanY ?? 0)), 0)
  const variance = points.reduce((sum, [x]) => sum + (x - (meanX ?? 0)) ** 2, 0)
  return (covariance / variance) * (3600 / (seconds / heap.length))
}
