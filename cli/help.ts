export const HELP = `bearward - OAuth 2 access tokens, explained and checked

  bearward inspect [token]     what a token is, and what speaks against it; offline
  bearward doctor --issuer …   whether an authorization server and a set-up fit together

  bearward <command> --help    all options of a command
  bearward --version

Exit status: 0 nothing found, 1 something found, 2 not understood, 3 failed.
`

export const INSPECT_HELP = `bearward inspect [token]

Explains a token without asking anybody: header, claims, times in words, and which checks of a resource server it
meets. It takes access tokens, ID tokens, DPoP proofs and others. The token comes from standard input, where others on
the machine do not see it, or as the argument. It is never written out.

  --issuer URL      the issuer whose tokens are accepted
  --resource URL    the API; the audience that tokens must name
  --scope SCOPE     what a route needs; several in one text, or the option several times
  --profile NAME    compat (default) or rfc9068
  --json            for programs
  --help            this text

The signature is not checked: that takes the keys of the issuer, which bearward doctor fetches.

Exit status: 0 nothing speaks against it, 1 it would be refused, 2 not understood, 3 failed.
`

export const DOCTOR_HELP = `bearward doctor --issuer URL --resource URL

Sets up a resource server as your application would, and tells what it meets: discovery, keys, algorithms, sizes, clocks,
introspection, and the challenge that clients will see. One finding a line, each problem with its fix.

  --issuer URL               the authorization server, exactly as its tokens name it
  --resource URL             the API; the audience that tokens must name
  --internal-url URL         where the issuer is reached from here, if not at its own URL
  --api URL                  a place of the API, running, that needs a token: what it says of itself; no token is sent
  --scope SCOPE              what a route needs; several in one text, or the option several times
  --client-id ID             who asks about opaque tokens, and
  --client-secret-env NAME   the variable of the environment that holds its secret
  --client-auth METHOD       client_secret_basic (default) or client_secret_post
  --token-env NAME           a token to try: the variable of the environment that holds it, or
  --token-stdin              the same from standard input
  --json                     for programs
  --help                     this text

Secrets come from the environment or from standard input, and are never written out.

Exit status: 0 no problem, 1 problems, 2 not understood, 3 failed.
`
