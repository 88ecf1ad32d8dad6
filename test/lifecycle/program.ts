import { createResourceServer, type ResourceServer } from 'bearward'

/** The task of a child process. */
export interface Task {
  readonly work: keyof typeof WORK
  readonly issuer: string
  readonly resource: string
  readonly token: string
}

/** The output of a program that ends without being killed. */
export interface Report {
  readonly status: number
  /** Milliseconds from the end of its work to its exit. */
  readonly lingered: number
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function statusOf(server: ResourceServer, token: string): Promise<number> {
  try {
    await server.verify(token)
    return 200
  } catch (thrown) {
    return (thrown as { status: number }).status
  }
}

/** Many requests wait for an issuer that does not respond; then the server is closed. */
async function closeWhileWaiting(server: ResourceServer, token: string): Promise<number> {
  const waiting = Promise.all(Array.from({ length: 20 }, () => statusOf(server, token)))
  await pause(300)
  server.close()
  const [status] = await waiting
  return status ?? 0
}

const DEADLINE = 60

const WORK = {
  /** Verifies one token. */
  verify: ({ issuer, resource, token }: Task) => statusOf(createResourceServer({ resource, issuer }), token),
  /** The same, with a refresh that starts in the background at the end. */
  refresh: async ({ issuer, resource, token }: Task) => {
    const server = createResourceServer({ resource, issuer: { issuer, jwksCache: { maxAge: 1 } } })
    await server.ready()
    await pause(900)
    return statusOf(server, token)
  },
  /** The fetch of the application never settles and ignores its signal. */
  silent: ({ issuer, resource, token }: Task) => {
    const fetch = () => new Promise<Response>(() => undefined)
    return statusOf(createResourceServer({ resource, issuer: { issuer, deadline: 0.2 }, fetch }), token)
  },
  /** The issuer hangs. */
  close: ({ issuer, resource, token }: Task) =>
    closeWhileWaiting(createResourceServer({ resource, issuer: { issuer, deadline: DEADLINE } }), token),
  /** A lookup of the application hangs. */
  closeLookup: ({ resource, token }: Task) => {
    const allow = { has: () => new Promise<boolean>(() => undefined) }
    return closeWhileWaiting(createResourceServer({ resource, issuer: { allow, resolve: () => ({}) } }), token)
  },
  /** The options of an issuer never resolve. */
  closeResolve: ({ issuer, resource, token }: Task) => {
    const resolve = () => new Promise<object>(() => undefined)
    return closeWhileWaiting(createResourceServer({ resource, issuer: { allow: [issuer], resolve } }), token)
  },
}

const task = JSON.parse(process.argv[2] ?? '') as Task
const status = await WORK[task.work](task)
const end = performance.now()
process.once('exit', () => {
  const report: Report = { status, lingered: performance.now() - end }
  process.stdout.write(JSON.stringify(report))
})
