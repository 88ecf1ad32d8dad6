/** True if the `Host` is one of this server's two loopback names. */
export function isRequestFor(here: URL, host: string | undefined): boolean {
  return host === here.host || host === `localhost:${here.port}`
}
