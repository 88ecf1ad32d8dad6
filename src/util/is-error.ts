/**
 * An error of whatever realm: `instanceof` fails for those of the runtime itself, such as those of `fetch`, where a test runner or
 * a sandbox has another `Error`.
 */
export const isError = (value: unknown): value is Error =>
  value instanceof Error || /^\[object (?:Error|DOMException)\]$/.test(Object.prototype.toString.call(value))
