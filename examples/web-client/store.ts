/**
 * Where sign-ins and tokens are stored. Sessions alone would not do: two requests of one browser load a session each, and
 * the one that saves it last would overwrite a refresh token that the other has just replaced.
 */
export interface Store {
  get(key: string): Promise<string | undefined>
  /** @param seconds until it is deleted */
  set(key: string, value: string, seconds: number): Promise<void>
  /** True for exactly one caller until it is deleted, in all processes that share the store. */
  claim(key: string, seconds: number): Promise<boolean>
  delete(key: string): Promise<void>
  /** Adds a member to a set. */
  add(key: string, member: string, seconds: number): Promise<void>
  members(key: string): Promise<readonly string[]>
}

interface Entry {
  readonly value: string
  readonly members: ReadonlySet<string>
  readonly expires: number
}

/** For one process. Everyone is signed out when it ends. */
export function memoryStore(now: () => number = Date.now): Store {
  const entries = new Map<string, Entry>()
  const find = (key: string): Entry | undefined => {
    const entry = entries.get(key)
    if (entry !== undefined && entry.expires > now()) return entry
    entries.delete(key)
    return undefined
  }
  const put = (key: string, value: string, members: ReadonlySet<string>, seconds: number) => {
    for (const [other, { expires }] of entries) if (expires <= now()) entries.delete(other)
    entries.set(key, { value, members, expires: now() + seconds * 1000 })
  }
  const none: ReadonlySet<string> = new Set()
  return {
    get: async (key) => find(key)?.value,
    set: async (key, value, seconds) => put(key, value, none, seconds),
    async claim(key, seconds) {
      if (find(key) !== undefined) return false
      put(key, '', none, seconds)
      return true
    },
    async delete(key) {
      entries.delete(key)
    },
    add: async (key, member, seconds) => put(key, '', new Set([...(find(key)?.members ?? none), member]), seconds),
    members: async (key) => [...(find(key)?.members ?? none)],
  }
}
