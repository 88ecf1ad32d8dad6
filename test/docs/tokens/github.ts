import type { Provider } from './shape.ts'

// https://docs.github.com/rest/apps/oauth-applications#check-a-token

const CHECK = 'https://api.github.com/applications/Iv1.0123456789abcdef/token'
const name = (prefix: string): string => prefix + crypto.randomUUID().replaceAll('-', '')

export const github: Provider = async (internet) => {
  const scopes = new Map<string, readonly string[]>()
  internet.on(CHECK, (request, body) => {
    const { access_token: token } = JSON.parse(body) as { access_token: string }
    if (token === OUTAGE) return { status: 500, json: {} }
    const granted = scopes.get(token)
    if (!request.headers['user-agent'] || !granted) return { status: 404, json: { message: 'Not Found' } }
    const user = { id: 583231, login: 'octocat' }
    return { json: { token, scopes: granted, user, app: { client_id: 'Iv1.0123456789abcdef' }, expires_at: null } }
  })
  const granted = (...list: readonly string[]) => {
    const token = name('gho_')
    scopes.set(token, list)
    return token
  }
  return {
    'of a user of the app': () => granted(),
    'with the scope': () => granted('repo', 'read:user'),
    'of another app, or revoked': () => name('gho_'),
    'a personal access token': () => name('ghp_'),
    'while GitHub responds with 500': () => OUTAGE,
  }
}

const OUTAGE = name('gho_')
