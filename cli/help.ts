export const HELP = `bearward - inspect, check, revoke and try out OAuth 2 access tokens

  bearward inspect [token]     explain a token and why it would be refused; offline
  bearward doctor --issuer …   check an authorization server and your configuration
  bearward revoke --sub …      revoke tokens in the store that your servers share

  bearward issuer              a local authorization server for development, with ready-made tokens

  bearward <command> --help    the options of a command
  bearward --version

Exit status: 0 no findings, 1 findings, 2 usage error, 3 failed.
`

export const INSPECT_HELP = `bearward inspect [token]

Explains a token without any network request: its header and claims, times in words, and which checks of a resource
server it passes. Accepts access tokens, ID tokens, DPoP proofs and others. Reads the token from standard input, or from
the argument, which other users of the machine can see. Never prints the token.

  --issuer URL      the trusted issuer
  --resource URL    the API: the required audience
  --audience VALUE  an accepted audience, if not the resource; repeat the option for several
  --scope SCOPE     a required scope; separate several by spaces, or repeat the option
  --profile NAME    compat (default) or rfc9068
  --json            JSON output
  --help            this text

The signature is not checked: that requires the issuer's keys, which bearward doctor fetches.

Exit status: 0 no check failed, 1 the token would be refused, 2 usage error, 3 failed.
`

export const DOCTOR_HELP = `bearward doctor --issuer URL --resource URL
bearward doctor --preset NAME --set NAME=VALUE --resource URL
bearward doctor --config FILE

Creates a resource server as your application would, and checks discovery, keys, algorithms, sizes, clocks,
introspection, and the challenge that clients receive. Prints one finding per line, and a fix for each problem.

  --config FILE              the options of a resource server: a module that exports them as options or by default (or a
                             function that returns them), or JSON
  --issuer URL               the authorization server, exactly as in the tokens' iss; with --config, which one to check
  --preset NAME              a preset of bearward/providers, such as keycloak
  --set NAME=VALUE           an argument of the preset; repeat the option for more, and for the values of a list
  --resource URL             the API: the required audience
  --audience VALUE           another accepted audience; repeat the option for several
  --any-audience             accept any audience; use it with --client
  --sole-audience            refuse tokens that are also for someone else
  --client ID                a client whose tokens are accepted; repeat the option for several
  --keys URL                 the key set, if it is not discovered; "none" introspects every token
  --profile NAME             compat (default), report-only or rfc9068
  --allow-id-token-claims    accept access tokens with nonce, at_hash or c_hash
  --allow-insecure-requests  allow plain http for the URLs in these options, in a container network
  --scope-claim NAME         a claim with scopes, or a JSON array of names for a path; repeat the option for several
  --token-prefix TEXT        how the opaque tokens of the issuer begin; repeat the option for several
  --internal-url URL         where to reach the issuer from here, if not at its own URL
  --api URL                  a protected URL of the running API: checks its challenge and metadata; sends no token
  --scope SCOPE              a required scope; separate several by spaces, or repeat the option
  --client-id ID             the client that introspects opaque tokens, and
  --client-secret-env NAME   the environment variable that contains its secret, or
  --client-key-env NAME      the environment variable that contains its private key, a JWK
  --client-auth METHOD       client_secret_basic (default for a secret), client_secret_post, private_key_jwt (default for a
                             key), or none
  --introspection-endpoint URL   the endpoint, if it is not discovered
  --token-env NAME           a token to check: the environment variable that contains it, or
  --token-stdin              read it from standard input
  --json                     JSON output
  --help                     this text

Secrets come from the environment or from standard input, and are never printed.

Exit status: 0 no problems, 1 problems, 2 usage error, 3 failed.
`

export const REVOKE_HELP = `bearward revoke --sub USER
bearward revoke --list
bearward revoke --restore ID

Revokes tokens in the Redis that your resource servers share (revocationStore of bearward/redis). They refuse them within
a second. Run it in the folder of an application that has redis or ioredis installed.

  --sub USER          the tokens of this user, issued up to now, or
  --sid SESSION       every token of this session, or
  --jti ID            this token, or
  --client ID         the tokens of this client, issued up to now, or
  --all               all tokens of the issuer, issued up to now; needs --issuer
  --issuer URL        only tokens of this issuer, exactly as in iss; not checked: a misspelled one revokes nothing
  --list              print the revocations in force
  --restore ID        undo a revocation; --list prints the IDs
  --dry-run           connect and print what would be done, and change nothing
  --store-env NAME    the environment variable that contains the URL of the store (REDIS_URL)
  --secret-env NAME   the environment variable that contains stores.secret of your servers (STORE_SECRET)
  --prefix TEXT       the prefix of your servers (bearward:)
  --max-lifetime N    maxLifetime of your servers, in seconds (86400)
  --help              this text

The URL and the secret come from the environment, and are never printed.

Exit status: 0 done, 2 usage error, 3 failed.
`

export const ISSUER_HELP = `bearward issuer

Runs an authorization server for development that only this machine can reach. Prints its issuer URL, the options of a
resource server, and curl commands with tokens. Each start creates a new key and client secret, which exist only in memory.

  --port N          the port (4000); 0 for any free port
  --resource URL    the audience of the tokens (https://api.example.com)
  --scope SCOPE     the scopes (read:orders write:orders); separate several by spaces, or repeat the option
  --api URL         the URL in the curl commands (http://localhost:3000/orders)
  --json            JSON output
  --help            this text

It issues tokens to everyone on this machine. Never let an API in production trust it.

Exit status: 0 stopped, 2 usage error, 3 failed: for example, the port is in use.
`
