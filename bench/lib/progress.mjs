const start = performance.now()

/** A line on what is going on, with the time since the start. @param {string} text */
export function progress(text) {
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  console.error(`${seconds.padStart(4)} s  ${text}`)
}
