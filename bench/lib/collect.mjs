/**
 * Collects the garbage of the last round, without a full collection. A full one would also discard what the
 * compiled code knows of objects, and each round would begin with slow code: no server that runs does that to itself.
 */
export function collectYoung() {
  // Twice, because what survives once is still young.
  for (let pass = 0; pass < 2; pass++) globalThis.gc?.({ type: 'minor' })
}
