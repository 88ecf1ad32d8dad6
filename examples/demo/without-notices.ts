const silent = () => undefined

/**
 * oidc-provider prints advice for production to the console. In a short demo with throwaway keys it would only clutter
 * the output.
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
