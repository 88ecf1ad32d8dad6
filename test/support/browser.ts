/** As a browser: follows redirects with the cookies it was given, until one leads to the client. */
export async function followTo(redirect: string, start: URL): Promise<URL> {
  const cookies = new Map<string, string>()
  let at = start
  for (let steps = 0; steps < 10; steps++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } })
    await response.body?.cancel()
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (name !== undefined && value !== undefined) cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${at.pathname} was answered with ${response.status}, not with a redirect`)
    at = new URL(location, at)
    if (at.href.startsWith(redirect)) return at
  }
  throw new Error('the redirects do not end')
}
