const silent = () => undefined

/**
 * oidc-provider tells those who operate it on the console what to change before production. In a demonstration that
 * lives for a minute, on keys of its own, such advice would only stand in the way of the table.
 */
export function withoutNotices<T>(step: () => T): T {
  const { info, warn } = console
  const restore = () => Object.assign(console, { info, warn })
  Object.assign(console, { info: silent, warn: silent })
  let result: T
  try {
    result = step()
  } catch (thrown) {
    restore()
    throw thrown
  }
  if (result instanceof Promise) result.finally(restore).catch(silent)
  else restore()
  return result
}
