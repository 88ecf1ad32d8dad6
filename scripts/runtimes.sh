#!/usr/bin/env bash
# Runs the suite on runtimes other than the installed Node, a bundled Hono program on workerd, and the tests of the adapters
# with the next major version of Nest. They are downloaded on demand and not in the lock file: a package with its own `node`
# would replace the Node of every npm script, and packages of Nest need those of their own version.
#
#   npm run test:runtimes                    all of them
#   npm run test:runtimes -- node@24 bun@1   some of them
#
# Ends with one table; the status is that of the worst row.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

all=(node@22 node@24 node@26 bun@1 deno@2 workerd nest@12)
chosen=("$@")
((${#chosen[@]} > 0)) || chosen=("${all[@]}")

reports=$(mktemp -d)
nest=$(mktemp -d)
trap 'rm -rf "$reports" "$nest"' EXIT
suite=node_modules/vitest/vitest.mjs

# The version is the one that the runtime reports.
on() {
  case $1 in
    node@*) npx -y -p "$1" -- node "${@:2}" ;;
    bun@*) npx -y "$1" --bun "${@:2}" ;;
    deno@*) npx -y "$1" run -A --node-modules-dir=manual "${@:2}" ;;
  esac
}

# All of Nest that the tests use, in a folder of its own.
install_nest() {
  local name packages=(reflect-metadata rxjs)
  for name in common core platform-express platform-fastify platform-ws testing websockets; do
    packages+=("@nestjs/$name@$1")
  done
  npm install --prefix "$nest" --no-audit --no-fund --no-save --loglevel=error "${packages[@]}"
}

worst=0
rows=()
runs=()
for runtime in "${chosen[@]}"; do
  case $runtime in
    workerd) runs+=('workerd program') ;;
    nest@*) runs+=("$runtime adapters") ;;
    *) runs+=("$runtime test" "$runtime e2e") ;;
  esac
done
for run in "${runs[@]}"; do
  runtime=${run% *}
  mode=${run#* }
  printf '\n==> %s\n' "$run"
  report=$reports/${run//[^a-z0-9]/-}.json
  began=$SECONDS
  status=0
  case $runtime in
    node@* | bun@* | deno@*)
      BEARWARD_TEST_REPORT=$report on "$runtime" "$suite" run --mode "$mode" || status=$?
      version=$(on "$runtime" scripts/runtime-version.mjs 2>/dev/null || echo '?')
      ;;
    workerd)
      BEARWARD_TEST_REPORT=$report npm run --silent test:workerd || status=$?
      version=$(node scripts/workerd/run.mjs --version)
      ;;
    nest@*)
      install_nest "${runtime#*@}" &&
        BEARWARD_TEST_REPORT=$report BEARWARD_TEST_NEST=$nest node "$suite" run --mode e2e test/adapters || status=$?
      version=$(node -p 'require(process.argv[1]).version' "$nest/node_modules/@nestjs/core/package.json" || echo '?')
      ;;
    *)
      echo "unknown runtime: $runtime (use ${all[*]})"
      exit 2
      ;;
  esac
  counts=$(node -p '
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } =
      JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))
    ;`${passed} ${failed} ${skipped}`
  ' "$report" 2>/dev/null || echo '0 ? ?')
  rows+=("$runtime $mode $version $counts $status $((SECONDS - began))s")
  ((status == 0)) || worst=1
done

printf '\n%-22s %-8s %-16s %8s %8s %8s %8s %8s\n' runtime tests version passed failed skipped status time
for row in "${rows[@]}"; do
  # shellcheck disable=SC2086 # one row is eight words
  printf '%-22s %-8s %-16s %8s %8s %8s %8s %8s\n' $row
done
exit "$worst"
