/** What a page says: what happened, and what to do about it. */
export interface Explanation {
  readonly status: number
  readonly title: string
  readonly happened: string
  readonly advice: string
  /** What the page offers. */
  readonly offer: 'sign in' | 'home' | 'retry'
}

const OURS = 'Only we can fix this. Please tell our support; signing in again will not help until then.'
const AGAIN = 'Sign in again.'
const LATER = 'Nothing is wrong with your account. Try again in a minute.'

const operator = (title: string, happened: string): Explanation => ({
  status: 500,
  title,
  happened,
  advice: OURS,
  offer: 'home',
})
const later = (title: string, happened: string, offer: Explanation['offer'] = 'sign in'): Explanation => ({
  status: 503,
  title,
  happened,
  advice: LATER,
  offer,
})
const again = (status: number, title: string, happened: string, advice = AGAIN): Explanation => ({
  status,
  title,
  happened,
  advice,
  offer: 'sign in',
})

/** Everything that can go wrong, by the name in the address of its page. */
export const PROBLEMS = {
  // The authorization response is not the one to our request (RFC 6749 §10.12).
  unknown_state: again(
    400,
    'This sign-in was not started here',
    'The browser came back from the authorization server, but not from a sign-in that this browser started. Perhaps the cookies were deleted, or someone sent you a link that would sign you in to their account.',
    'Nothing has changed: this has not signed you in. Start the sign-in here.',
  ),
  expired_state: again(
    400,
    'The sign-in took too long',
    'More than five minutes passed between its start and its end, so it no longer counts.',
    'Sign in again, and finish within five minutes.',
  ),
  used_state: again(
    400,
    'This sign-in is already finished',
    'Its address works once. You see this after the back button, a reload, or a second click.',
    'If it succeeded, you are signed in: go to the first page. Otherwise sign in again.',
  ),

  // RFC 6749 §4.1.2.1
  'authorization.access_denied': again(
    403,
    'You did not consent',
    'You, or an administrator, denied access at the authorization server. We got nothing.',
    'If that was a mistake, sign in again and allow it.',
  ),
  'authorization.invalid_request': operator(
    'Our request was not valid',
    'The authorization server could not read the request with which we sent you there.',
  ),
  'authorization.unauthorized_client': operator(
    'This application may not sign you in',
    'The authorization server does not permit this application to request a code.',
  ),
  'authorization.unsupported_response_type': operator(
    'The authorization server does not support this way of signing in',
    'It issues no authorization codes.',
  ),
  'authorization.invalid_scope': operator(
    'This application asked for too much',
    'The authorization server does not know a scope that we requested, or does not let this application have it.',
  ),
  'authorization.server_error': later('The authorization server had an error', 'It could not finish your sign-in.'),
  'authorization.temporarily_unavailable': later(
    'The authorization server is overloaded',
    'It is being maintained or has too much to do, and could not finish your sign-in.',
  ),
  // OpenID Connect Core §3.1.2.6
  'authorization.login_required': again(
    401,
    'You have to sign in',
    'The authorization server requires you to sign in.',
  ),
  'authorization.consent_required': again(
    403,
    'Your consent is missing',
    'The authorization server must ask you first.',
  ),
  'authorization.interaction_required': again(
    401,
    'The authorization server has to ask you something',
    'It could not finish without you.',
  ),
  'authorization.account_selection_required': again(
    401,
    'You have to choose an account',
    'You have several accounts at the authorization server.',
  ),
  'authorization.other': again(
    400,
    'The sign-in failed',
    'The authorization server reported an error that we do not know.',
  ),

  // RFC 6749 §5.2
  'token.invalid_request': operator(
    'Our request was not valid',
    'The authorization server could not read our request for tokens.',
  ),
  'token.invalid_client': operator(
    'The authorization server does not accept this application',
    'Our client ID or our secret is wrong, or the secret was replaced.',
  ),
  'token.invalid_grant': again(
    400,
    'The code was no longer valid',
    'The code with which the browser came back had expired or was used before, here or by someone else.',
    'You are not signed in. Sign in again; if this repeats, tell our support.',
  ),
  'token.unauthorized_client': operator(
    'This application may not do that',
    'The authorization server does not permit this application to exchange a code.',
  ),
  'token.unsupported_grant_type': operator(
    'The authorization server does not support this way of signing in',
    'It does not exchange codes for tokens.',
  ),
  'token.invalid_scope': operator(
    'This application asked for too much',
    'The authorization server refused a scope of our request for tokens.',
  ),
  'token.other': again(
    502,
    'The sign-in failed',
    'The authorization server refused our request for tokens, with an error that we do not know.',
  ),

  provider_unavailable: later(
    'The authorization server cannot be reached',
    'It did not respond, or only with an error. You are still signed in if you were before.',
    'retry',
  ),
  invalid_response: again(
    502,
    'The response of the authorization server was not valid',
    'It does not match our request, or its signature is wrong, so we discarded it.',
    'You are not signed in. Sign in again; if this repeats, tell our support.',
  ),
  session_ended: again(
    401,
    'You have been signed out',
    'The authorization server no longer accepts our refresh token: your access was revoked, it ended after a long time, or someone else used a copy of the token. In the last case, the server has invalidated all copies.',
    'Sign in again. If you did not expect this, look at the list of applications and sessions at your authorization server.',
  ),
  not_signed_in: again(401, 'You are not signed in', 'Your session has ended, or you signed out in another tab.'),
  refused_by_api: again(
    502,
    'The API did not accept our token',
    'It refused the token, and also a new one.',
    'Sign in again; if this repeats, tell our support.',
  ),
  storage_unavailable: later('We cannot read your session', 'The database for sessions does not respond.', 'retry'),
  foreign_request: {
    status: 403,
    title: 'This request came from another page',
    happened: 'Only our own pages may press our buttons.',
    advice: 'Nothing was done. Use the buttons of this application.',
    offer: 'home',
  },
  not_found: {
    status: 404,
    title: 'There is no such page',
    happened: 'The address is wrong, or out of date.',
    advice: 'Go to the first page.',
    offer: 'home',
  },
  unexpected: { ...operator('Something went wrong', 'This is an error of our program.'), offer: 'retry' },
} as const satisfies Record<string, Explanation>

export type ProblemName = keyof typeof PROBLEMS

export const isProblemName = (name: string): name is ProblemName => Object.hasOwn(PROBLEMS, name)

/** Ends a request with the page of this problem. */
export class Problem extends Error {
  readonly problem: ProblemName
  /** For the log: a code, never a message, which could quote a token. */
  readonly code: string

  constructor(problem: ProblemName, code = '') {
    super(problem)
    this.problem = problem
    this.code = /^[\w.-]{1,60}$/.test(code) ? code : ''
  }
}
