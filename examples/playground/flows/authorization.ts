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

/** The part that all flows with a person have: to the authorization server and back. */
export class Authorization {
  readonly client: OAuthClient
  readonly #stage: Stage
  readonly #journal: Journal
  readonly #registration: Registration
  readonly #pkce: boolean
  request: AuthorizationRequest | undefined
  /** What the browser brought back, once it has been found to be an answer to our request. */
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
      text: 'Everything the client has to say travels in the address, where the person and the browser can read it. So there is nothing secret in it.',
      facts: this.request.facts,
    })
  }

  leave(label: string): readonly Control[] {
    return this.request && !this.callback ? [link(this.request.url.href, label)] : []
  }

  /** What an attacker would make a browser open: a code of the attacker's own, with a `state` that is a guess. */
  forged(): readonly Control[] {
    const { metadata, redirectUri } = this.#stage
    if (this.request === undefined) return []
    const parameters = new URLSearchParams({ code: randomUUID(), state: 'guessed', iss: metadata.issuer })
    return [link(`${redirectUri}?${parameters}`, 'Come back with a forged state', 'attack')]
  }

  /** @param steps where to write down what the browser did, and what it brought back */
  async arrive(
    { url, exchange }: Arrival,
    steps: { readonly person: string; readonly back: string },
  ): Promise<Callback | undefined> {
    const { request } = this
    if (request === undefined || url.searchParams.get('state') !== request.state) {
      // oauth4webapi would say the same, as an error; what is written down here is what it means.
      this.#journal.add(steps.back, {
        outcome: 'refused',
        title: 'Dropped: the state is not ours',
        text: 'Somebody made your browser open this address, to have you go on with a code that is theirs: you would work in their account, and leave your data there. The client has never sent this `state`, so it does not even ask what the code is good for (RFC 6749 §10.12).',
        facts: [
          { name: 'state', value: url.searchParams.get('state') ?? 'none', meaning: 'what came' },
          { name: 'state', value: request?.state ?? 'none', meaning: 'what this browser session was told to expect' },
        ],
        exchanges: [exchange],
      })
      return undefined
    }
    this.#journal.add(steps.person, {
      outcome: 'note',
      title: 'What your browser did there',
      text: 'It was led from page to page by redirects. The client took no part in this, and saw neither a password nor your choice.',
      exchanges: this.#stage.trail.of(request.state),
    })
    this.callback = this.#read(url, request.state)
    const { callback } = this
    this.#journal.add(steps.back, {
      outcome: callback.kind === 'code' ? 'good' : 'refused',
      title: callback.kind === 'code' ? 'The browser brings a code' : `The browser brings ${callback.error}`,
      text:
        callback.kind === 'code'
          ? 'The `state` is the one that was sent, and `iss` names the server that was asked (RFC 9207 §2.4). The code is good for one exchange and for a minute (RFC 6749 §4.1.2).'
          : 'The person said no. The client learns that much and nothing else (RFC 6749 §4.1.2.1).',
      facts: [...url.searchParams].map(([name, value]) => ({ name, value, meaning: MEANING[name] ?? '' })),
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
  code: 'not a token: it is worth something only to the client it was made for (RFC 6749 §4.1.2)',
  state: 'came back as it was sent, so this answers our request (RFC 6749 §10.12)',
  iss: 'who answers; protects clients that use several servers from mixing them up (RFC 9207)',
  error: 'why there is no code (RFC 6749 §4.1.2.1)',
  error_description: 'the same for people who write clients',
}
