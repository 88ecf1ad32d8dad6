import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Front } from '../../demo/authorization-server.ts'
import { styleSheet } from '../server/files.ts'
import { isRequestFor } from '../server/host.ts'
import { html, page } from './html.ts'
import { decided, interactionPage } from './sign-in.ts'
import type { Trail } from './trail.ts'

/** The path of the sign-in and consent pages. */
export const INTERACTION = '/interaction/'

const FORM_LIMIT = 4096

/** Serves the user pages in front of the provider, which has none. */
export const peopleInFront =
  (origin: string, trail: Trail): Front =>
  (provider) => {
    const serve = provider.callback()
    const here = new URL(provider.issuer)

    const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { pathname } = new URL(request.url ?? '/', here)
      // Against DNS rebinding: another site's name may resolve to loopback.
      if (!isRequestFor(here, request.headers.host)) return refuse(response, 421)
      // form-action also restricts the redirects after a form, so it must include the client's origin.
      response.setHeader(
        'Content-Security-Policy',
        `default-src 'none'; style-src 'self'; form-action 'self' ${origin}; base-uri 'none'; frame-ancestors 'none'`,
      )
      response.setHeader('Referrer-Policy', 'same-origin') // no-referrer would make forms send "Origin: null"
      response.setHeader('X-Content-Type-Options', 'nosniff')

      const sheet = styleSheet(pathname)
      if (sheet !== undefined) {
        response.setHeader('Content-Type', 'text/css; charset=utf-8')
        response.end(sheet)
      } else if (pathname.startsWith(INTERACTION)) {
        if (request.method !== 'POST') {
          trail.follow(request, response, '')
          return interactionPage(provider, request, response)
        }
        // The interaction cookie is SameSite, but other servers on this machine are the same site.
        if (request.headers.origin !== here.origin) return refuse(response, 403)
        const body = await bodyOf(request)
        if (body === undefined) return refuse(response, 413)
        trail.follow(request, response, body)
        return decided(provider, request, response, new URLSearchParams(body))
      } else {
        if (pathname.startsWith('/auth')) trail.follow(request, response, '')
        await serve(request, response)
      }
    }

    const safely: RequestListener = (request, response) => {
      listener(request, response).catch(() => {
        if (response.headersSent) response.destroy()
        else response.writeHead(400, { 'Content-Type': 'text/html; charset=utf-8' }).end(over(origin))
      })
    }
    return safely
  }

/** An expired interaction, one of another browser, or the back button after signing in. */
const over = (origin: string): string =>
  page(
    'This page has expired',
    html`<p>This sign-in is finished or too old, or it began in another browser. Nothing has changed.</p>
<p class="choices"><a class="button" href="${origin}/">Go back to the application</a></p>`,
  )

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' })
  response.end(`${status}\n`)
}

/** A form; `undefined` if it is larger than any of ours. */
export async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > FORM_LIMIT) return undefined
  }
  return text
}
