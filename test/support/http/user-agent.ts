/** The values that the user enters into a form, by the name of the input. */
export type FormInput = Readonly<Record<string, string>>

/**
 * Behaves like a browser: follows redirects with cookies and submits the form of a page, until it is redirected to the
 * client.
 *
 * @param input what the user enters into forms; without it, a page is an error
 * @param cookies those of earlier visits; new ones are added
 */
export async function followTo(
  redirect: string,
  start: URL,
  input?: FormInput,
  cookies = new Map<string, string>(),
): Promise<URL> {
  let at = start
  let form: URLSearchParams | undefined
  for (let steps = 0; steps < 20; steps++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(at, {
      redirect: 'manual',
      headers: { cookie, connection: 'close' },
      ...(form && { method: 'POST', body: form }),
    })
    const page = await response.text()
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (name !== undefined && value !== undefined) cookies.set(name, value)
    }
    const location = response.headers.get('location')
    form = location === null && input ? fillForm(page, input) : undefined
    const next = location ?? /<form[^>]* action="([^"]+)"/.exec(page)?.[1]
    if (next === undefined || (location === null && !form)) {
      throw new Error(`${at.pathname} responded ${response.status}, not with a redirect`)
    }
    at = new URL(next, at)
    if (at.href.startsWith(redirect)) return at
  }
  throw new Error('the redirects do not end')
}

/** The inputs of the only form of a page, with the values of the page or of the user. */
function fillForm(page: string, values: FormInput): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [input] of page.matchAll(/<input [^>]*>/g)) {
    const name = /name="([^"]+)"/.exec(input)?.[1]
    if (name !== undefined) parameters.set(name, values[name] ?? /value="([^"]*)"/.exec(input)?.[1] ?? '')
  }
  return parameters
}
