/** Whether a request is for this server by one of the two names it has on loopback. */
export function asksFor(here: URL, host: string | undefined): boolean {
  return host === here.host || host === `localhost:${here.port}`
}
