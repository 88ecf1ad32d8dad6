import type { Glewlwyd } from './server.ts'

/** A signed-in browser session. */
export interface Session {
  /** Calls the REST API; throws with the server's explanation if that fails. */
  send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<void>
  /** The target of the redirect of a browser request. */
  redirect(url: string): Promise<URL>
}

export async function signIn(glewlwyd: Glewlwyd, username: string, password: string): Promise<Session> {
  const json = { 'content-type': 'application/json' }
  const response = await fetch(`${glewlwyd.api}/auth/`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ username, password }),
  })
  const cookie = response.headers.get('set-cookie')?.split(';', 1)[0]
  if (!response.ok || cookie === undefined)
    throw new Error(`no session for ${username}: ${await explain(response, glewlwyd)}`)
  return {
    async send(method, path, body) {
      const init = body === undefined ? {} : { body: JSON.stringify(body) }
      const response = await fetch(glewlwyd.api + path, { method, headers: { ...json, cookie }, ...init })
      if (!response.ok) throw new Error(`${method} ${path}: ${await explain(response, glewlwyd)}`)
      await response.arrayBuffer()
    },
    async redirect(url) {
      const response = await fetch(url, { headers: { cookie }, redirect: 'manual' })
      const location = response.headers.get('location')
      if (location === null) throw new Error(`no redirect: ${await explain(response, glewlwyd)}`)
      return new URL(location)
    },
  }
}

export const explain = async (response: Response, glewlwyd: Glewlwyd): Promise<string> =>
  `${response.status} ${await response.text()}\n${glewlwyd.log()}`
