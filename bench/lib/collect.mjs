/**
 * Moves what the last round has left out of the way, without a full collection. That would also throw away what the
 * compiled code knows of objects, and each round would begin with slow code: no server that runs does that to itself.
 */
export function collectYoung() {
  // Twice, because what survives once is still young.
  for (let pass = 0; pass < 2; pass++) globalThis.gc?.({ type: 'minor' })
}
