/** There are as many revocations as there may be. */
export class SizeError extends Error {
  constructor(limit: number) {
    super(`bearward: there are ${limit} revocations already; see revocation.size`)
  }
}
