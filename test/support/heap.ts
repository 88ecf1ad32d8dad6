import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

interface BunLike {
  readonly Bun?: { gc(synchronously: true): unknown }
}

/** Bytes that are reachable: after a forced collection. */
export function reachableBytes(): number {
  const { Bun: bun } = globalThis as BunLike
  if (bun) bun.gc(true)
  else {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('globalThis.gc') as (() => void) | undefined
    collect?.()
  }
  return process.memoryUsage().heapUsed
}
