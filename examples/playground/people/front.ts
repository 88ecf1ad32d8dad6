import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Front } from '../../demo/authorization-server.ts'
import { styleSheet } from '../server/files.ts'
import { asksFor } from '../server/host.ts'
import { decided, interactionPage } from './sign-in.ts'
import type { Trail } from './trail.ts'

/** Where people sign in and agree. */
export const INTERACTION = '/interaction/'

const FORM_LIMIT = 4096

/** The pages for people, in front of the provider, which has none of its own. */
export const peopleInFront =
  (origin: string, trail: Trail): Front =>
  (provider) => {
    const answer = provider.callback()
    const here = new URL(provider.issuer)

    const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { pathname } = new URL(request.url ?? '/', here)
      // A page elsewhere whose name has been pointed to loopback must not get at these pages (DNS rebinding).
      if (!asksFor(here, request.headers.host)) return refuse(response, 421)
      // After a form, the browser follows redirects only to where the form was allowed to go: back to the client as well.
      response.setHeader(
        'Content-Security-Policy',
        `default-src 'none'; style-src 'self'; form-action 'self' ${origin}; base-uri 'none'; frame-ancestors 'none'`,
      )
      response.setHeader('Referrer-Policy', 'same-origin') // with no-referrer, forms would come from nowhere: "Origin: null"
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
        // The cookie of the interaction is SameSite; this keeps out other servers on this machine, which are the same site.
        if (request.headers.origin !== here.origin) return refuse(response, 403)
        const body = await bodyOf(request)
        if (body === undefined) return refuse(response, 413)
        trail.follow(request, response, body)
        return decided(provider, request, response, new URLSearchParams(body))
      } else {
        if (pathname.startsWith('/auth')) trail.follow(request, response, '')
        await answer(request, response)
      }
    }

    const safely: RequestListener = (request, response) => {
      listener(request, response).catch(() => {
        if (response.headersSent) response.destroy()
        else refuse(response, 400) // an interaction that is over, or that belongs to another browser
      })
    }
    return safely
  }

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' })
  response.end(`${status}\n`)
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > FORM_LIMIT) return undefined
  }
  return text
}
