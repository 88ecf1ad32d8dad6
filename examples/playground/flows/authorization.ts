import { randomUUID } from 'node:crypto'
import { AuthorizationResponseError } from 'oauth4webapi'
import type { AuthorizationRequest } from '../client/authorization-request.ts'
import { requestCode } from '../client/authorization-request.ts'
import type { OAuthClient } from '../client/oauth-client.ts'
import type { Registration } from '../clients.ts'
import { type Arrival, type Control, type Journal, link } from '../flow.ts'
import type { Stage } from '../stage.ts'

type Callback =
  | { readonly kind: 'code'; readonly parameters: URLSearchParams }
  | { readonly kind: 'error'; readonly error: string }

/** The part that all flows with a user share: to the authorization server and back. */
export class Authorization {
  readonly client: OAuthClient
  readonly #stage: Stage
  readonly #journal: Journal
  readonly #registration: Registration
  readonly #pkce: boolean
  request: AuthorizationRequest | undefined
  /** The authorization response, once its `state` has been verified. */
  callback: Callback | undefined

  constructor(stage: Stage, journal: Journal, registration: Registration, { pkce }: { readonly pkce: boolean }) {
    this.client = stage.client(registration)
    this.#stage = stage
    this.#journal = journal
    this.#registration = registration
    this.#pkce = pkce
  }

  get code(): URLSearchParams | undefined {
    return this.callback?.kind === 'code' ? this.callback.parameters : undefined
  }

  async begin(step: string): Promise<void> {
    this.callback = undefined
    this.request = await requestCode(this.#stage, this.#registration, { pkce: this.#pkce })
    this.#journal.add(step, {
      outcome: 'note',
      title: 'The address the browser is sent to',
      text: 'The request is in the address, where the user and the browser can read it, so it contains no secret.',
      details: this.request.details,
    })
  }

  leave(label: string): readonly Control[] {
    return this.request && !this.callback ? [link(this.request.url.href, label)] : []
  }

  /** A URL that an attacker makes the browser open: with the attacker's code, and a guessed `state`. */
  forged(): readonly Control[] {
    const { metadata, redirectUri } = this.#stage
    if (this.request === undefined) return []
    const parameters = new URLSearchParams({ code: randomUUID(), state: 'guessed', iss: metadata.issuer })
    return [link(`${redirectUri}?${parameters}`, 'Come back with a forged state', 'attack')]
  }

  /** @param steps the steps at which to record what the browser did and returned with */
  async arrive(
    { url, exchange }: Arrival,
    steps: { readonly person: string; readonly back: string },
  ): Promise<Callback | undefined> {
    const { request } = this
    if (request === undefined || url.searchParams.get('state') !== request.state) {
      // oauth4webapi would throw an error for this; the entry explains it.
      this.#journal.add(steps.back, {
        outcome: 'refused',
        title: 'Dropped: the state is not ours',
        text: 'An attacker made your browser open this address with the attacker’s code: you would work in their account, and leave your data there. The client never sent this `state`, so it does not exchange the code (RFC 6749 §10.12).',
        details: [
          { name: 'state', value: url.searchParams.get('state') ?? 'none', meaning: 'received' },
          { name: 'state', value: request?.state ?? 'none', meaning: 'what this browser session expects' },
        ],
        exchanges: [exchange],
      })
      return undefined
    }
    this.#journal.add(steps.person, {
      outcome: 'note',
      title: 'What your browser did there',
      text: 'Redirects led it from page to page. The client was not involved, and saw neither a password nor your choice.',
      exchanges: this.#stage.trail.of(request.state),
    })
    this.callback = this.#read(url, request.state)
    const { callback } = this
    this.#journal.add(steps.back, {
      outcome: callback.kind === 'code' ? 'good' : 'refused',
      title: callback.kind === 'code' ? 'The browser brings a code' : `The browser brings ${callback.error}`,
      text:
        callback.kind === 'code'
          ? 'The `state` is the one that was sent, and `iss` is the server the request was sent to (RFC 9207 §2.4). The code is valid for one exchange within a minute (RFC 6749 §4.1.2).'
          : 'The user denied access. The client gets no further information (RFC 6749 §4.1.2.1).',
      details: [...url.searchParams].map(([name, value]) => ({ name, value, meaning: MEANING[name] ?? '' })),
      exchanges: [exchange],
    })
    return callback
  }

  #read(url: URL, state: string): Callback {
    try {
      return { kind: 'code', parameters: this.client.authorizationResponse(url, state) }
    } catch (thrown) {
      if (thrown instanceof AuthorizationResponseError) return { kind: 'error', error: thrown.error }
      throw thrown
    }
  }
}

const MEANING: Readonly<Record<string, string>> = {
  code: 'not a token: only the client it was issued to can exchange it (RFC 6749 §4.1.2)',
  state: 'the value that was sent, so this is the response to our request (RFC 6749 §10.12)',
  iss: 'the server that responds; protects clients of several servers from mix-up attacks (RFC 9207)',
  error: 'why there is no code (RFC 6749 §4.1.2.1)',
  error_description: 'the same for client developers',
}
