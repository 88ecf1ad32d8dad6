/** Whether a JSON value has more levels than this. Not recursive: deeply nested JSON can be parsed, but not recursed into. */
export function isDeeperThan(levels: number, json: unknown): boolean {
  let level: readonly unknown[] = [json]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
  return false
}
